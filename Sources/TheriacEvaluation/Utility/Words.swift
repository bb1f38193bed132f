/// The words of a text as 64-bit hashes: enough to count which are alike, and much faster than comparing
/// strings.
///
/// Two different words share a hash with a chance of 2⁻⁶⁴; among the few hundred words of a prompt that never
/// changes a count.
struct Words {
    enum Separator {
        /// Each single space; two in a row have an empty word between them, as in Python's `split(" ")`.
        case singleSpace
        /// Runs of white space, as in Python's `split()`.
        case whiteSpace
    }

    private(set) var hashes: [UInt64] = []

    init(of text: String, separatedBy separator: Separator) {
        var hash = Self.start
        var isEmpty = true
        for scalar in text.unicodeScalars {
            let ends = separator == .singleSpace ? scalar == " " : scalar.isWhiteSpace
            if !ends {
                hash = Self.mixed(hash, UInt64(scalar.value))
                isEmpty = false
            } else if separator == .singleSpace || !isEmpty {
                hashes.append(hash)
                (hash, isEmpty) = (Self.start, true)
            }
        }
        if separator == .singleSpace || !isEmpty { hashes.append(hash) }
    }

    /// The hashes of all runs of `n` words.
    func grams(of n: Int) -> [UInt64] {
        guard hashes.count >= n else { return [] }
        return (0...(hashes.count - n)).map { first in
            hashes[first..<(first + n)].reduce(Self.start, Self.mixed)
        }
    }

    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// One step of FNV-1a over a whole number, with the high half folded back so that all bits take part.
    private static func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let product = (hash ^ value) &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 29)
    }
}

extension Unicode.Scalar {
    /// Unicode's White_Space property, answered at once for ASCII.
    var isWhiteSpace: Bool {
        value < 0x80 ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
    }
}
