/// One visible character of a word, with what is invisible after it and marks upon it.
struct EvasionUnit {
    /// How it is read: a lower-case ASCII letter, a digit or a sign; 0 for a letter that looks like no Latin one, 1 for
    /// anything else.
    var byte: UInt8
    var isUpper = false
    /// nil for ASCII.
    var kind: Confusable.Kind?
    /// Its bytes in the text, with those of marks and invisible characters after it.
    var range: Range<Int>
    /// Its own bytes alone.
    var own: Range<Int>
    /// Combining marks of languages on it; marks through it; invisible characters and soft hyphens after it.
    var marks = 0
    var overlays = 0
    var invisibles = 0
    var softHyphens = 0

    static let foreign: UInt8 = 0
    static let other: UInt8 = 1

    var isLetter: Bool { byte >= 0x61 && byte <= 0x7A }
    var isDigit: Bool { byte >= 0x30 && byte <= 0x39 }
    /// A digit or sign that may stand for a letter.
    var isStandIn: Bool { Self.standIns[Int(byte)] }
    var isStar: Bool { Self.stars[Int(byte)] }
    var isSeparator: Bool { Self.separators[Int(byte)] }
    /// Anything but an ASCII letter as it is.
    var isUnusual: Bool {
        kind != nil || marks + overlays + invisibles + softHyphens > 0
    }

    private static let stars = table("*#%^&")
    private static let separators = table(".-_~,'*/|:\"`\u{1}")
    private static let standIns: [Bool] = (0...UInt8.max).map { byte in
        !(byte >= 0x61 && byte <= 0x7A) && !LookAlike.letters[Int(byte)].isEmpty
    }

    /// Which bytes stand in `characters`.
    static func table(_ characters: String) -> [Bool] { (0...UInt8.max).map { characters.utf8.contains($0) } }

    /// The characters of `bytes[range]`, none of which is white space.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [EvasionUnit] {
        var units: [EvasionUnit] = []
        units.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            let first = bytes[place]
            if first < 0x80 {
                let isUpper = first >= 0x41 && first <= 0x5A
                let own = place..<(place + 1)
                units.append(
                    EvasionUnit(byte: isUpper ? first + 32 : first, isUpper: isUpper, range: own, own: own))
                place += 1
                continue
            }
            let (scalar, width) = UTF8Scalar.decode(bytes, at: place)
            let own = place..<min(place + width, range.upperBound)
            place = own.upperBound
            func add(_ byte: UInt8, isUpper: Bool = false, kind: Confusable.Kind? = nil) {
                units.append(EvasionUnit(byte: byte, isUpper: isUpper, kind: kind, range: own, own: own))
            }
            func attach(_ change: (inout EvasionUnit) -> Void) {
                guard let last = units.indices.last else { return add(other) }
                change(&units[last])
                units[last].range = units[last].range.lowerBound..<own.upperBound
            }
            switch Confusable.of(scalar) {
            case .character(let byte, let isUpper, let kind): add(byte, isUpper: isUpper, kind: kind)
            case .invisible: attach { $0.invisibles += 1 }
            case .softHyphen: attach { $0.softHyphens += 1 }
            case .mark: attach { $0.marks += 1 }
            case .overlay: attach { $0.overlays += 1 }
            case .foreign: add(foreign)
            case .space, .other: add(other)
            }
        }
        return units
    }
}
