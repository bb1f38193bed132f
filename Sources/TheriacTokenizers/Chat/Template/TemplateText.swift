/// A string as Python sees it: Unicode scalars, equal when they are equal one by one.
///
/// Swift's own strings are equal when they look alike, and count what a reader would call a character.
struct TemplateText: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
    let string: String

    init(_ string: String) { self.string = string }
    init(stringLiteral value: String) { string = value }
    init(_ bytes: ArraySlice<UInt8>) { string = String(decoding: bytes, as: UTF8.self) }
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        string = String(view)
    }

    var isEmpty: Bool { string.isEmpty }
    var scalars: String.UnicodeScalarView { string.unicodeScalars }
    var bytes: [UInt8] { Array(string.utf8) }

    static func == (left: TemplateText, right: TemplateText) -> Bool {
        left.string.utf8.count == right.string.utf8.count
            && left.string.utf8.elementsEqual(right.string.utf8)
    }

    static func < (left: TemplateText, right: TemplateText) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Where `other` stands, in bytes and without overlap; an empty one stands between all scalars.
    func ranges(of other: TemplateText, atMost limit: Int = .max) -> [Range<Int>] {
        let (text, wanted) = (bytes, other.bytes)
        var found: [Range<Int>] = []
        var position = 0
        while position + wanted.count <= text.count, found.count < limit {
            if wanted.isEmpty {
                if position == text.count || text[position] & 0xC0 != 0x80 {
                    found.append(position..<position)
                }
                position += 1
            } else if text[position] == wanted[0],
                text[position..<position + wanted.count].elementsEqual(wanted)
            {
                found.append(position..<position + wanted.count)
                position += wanted.count
            } else {
                position += 1
            }
        }
        return found
    }

    func contains(_ other: TemplateText) -> Bool { !ranges(of: other, atMost: 1).isEmpty }

    func replacing(_ ranges: [Range<Int>], with other: TemplateText) -> TemplateText {
        let (text, new) = (bytes, other.bytes)
        var (result, start): ([UInt8], Int) = ([], 0)
        for range in ranges {
            result += text[start..<range.lowerBound]
            result += new
            start = range.upperBound
        }
        return TemplateText((result + text[start...])[...])
    }

    /// The stretches between `ranges`.
    func pieces(between ranges: [Range<Int>]) -> [TemplateText] {
        let text = bytes
        var (pieces, start): ([TemplateText], Int) = ([], 0)
        for range in ranges {
            pieces.append(TemplateText(text[start..<range.lowerBound]))
            start = range.upperBound
        }
        return pieces + [TemplateText(text[start...])]
    }

    /// The text without white space, or without the given scalars, at its ends.
    func stripped(of characters: TemplateText? = nil, left: Bool = true, right: Bool = true) -> TemplateText {
        let unwanted = characters.map { Set($0.scalars) }
        func isUnwanted(_ scalar: Unicode.Scalar) -> Bool {
            unwanted?.contains(scalar) ?? scalar.isPythonSpace
        }
        var rest = scalars[...]
        if left { rest = rest.drop(while: isUnwanted) }
        while right, let last = rest.last, isUnwanted(last) { rest.removeLast() }
        return TemplateText(String(rest))
    }

    /// The lines without what ends them. A line end at the end of the text begins no further line.
    func lines(keepingEnds: Bool = false) -> [TemplateText] {
        let all = Array(scalars)
        var (lines, start): ([TemplateText], Int) = ([], 0)
        var position = 0
        while position < all.count {
            let scalar = all[position]
            position += 1
            guard scalar.endsPythonLine else { continue }
            let end = position - 1
            if scalar == "\r", position < all.count, all[position] == "\n" { position += 1 }
            lines.append(TemplateText(all[start..<(keepingEnds ? position : end)]))
            start = position
        }
        if start < all.count { lines.append(TemplateText(all[start...])) }
        return lines
    }

    /// The first scalar in title case, the rest in lower case.
    var capitalized: TemplateText {
        guard let first = scalars.first else { return self }
        return TemplateText(
            first.properties.titlecaseMapping + String(scalars.dropFirst()).pythonLowercased)
    }
}

extension String {
    /// Lower case as Python has it: a capital sigma at the end of a word becomes a final one.
    var pythonLowercased: String {
        guard unicodeScalars.contains("\u{3A3}") else {
            return unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
        }
        let all = Array(unicodeScalars)
        func isCased(_ nearby: some Sequence<Unicode.Scalar>) -> Bool {
            nearby.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
        }
        return all.indices.reduce(into: "") { result, index in
            let isFinal =
                all[index] == "\u{3A3}" && isCased(all[..<index].reversed())
                && !isCased(all[(index + 1)...])
            result += isFinal ? "\u{3C2}" : all[index].properties.lowercaseMapping
        }
    }

    var pythonUppercased: String { unicodeScalars.reduce(into: "") { $0 += $1.properties.uppercaseMapping } }
}

extension Unicode.Scalar {
    /// White space by Python's `str.isspace`.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// Ends a line by Python's `str.splitlines`.
    var endsPythonLine: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
