/// In what a place in a text is counted.
public enum OffsetUnit: String, CaseIterable, Codable, Sendable {
    /// Unicode scalars, as tokenizers and the toxic-span sets count (Python's `str`).
    case scalar
    /// Bytes of UTF-8, as files do.
    case utf8
    /// UTF-16 code units, as JavaScript, Java and Perspective's wire do.
    case utf16
}

/// A stretch of a text, counted in every unit.
public struct TextSpan: Sendable, Hashable {
    public var scalars: Range<Int>
    public var utf8: Range<Int>
    public var utf16: Range<Int>

    /// The range in `unit`.
    public func range(in unit: OffsetUnit) -> Range<Int> {
        switch unit {
        case .scalar: scalars
        case .utf8: utf8
        case .utf16: utf16
        }
    }
}

/// Turns places in one text from one unit into the others.
///
/// Made once a text, in one pass; a text of ASCII alone needs no tables. From scalars a span is found at once, from the
/// other units by a search in O(log n).
public struct TextOffsets: Sendable {
    /// Where each scalar begins, and at the end where the text ends; empty for ASCII.
    private var utf8Starts: [Int32] = []
    private var utf16Starts: [Int32] = []
    /// How many scalars the text has.
    public let count: Int
    private let bytes: [UInt8]

    public init(_ text: String) {
        bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            count = bytes.count
            return
        }
        var (utf8, utf16): (Int32, Int32) = (0, 0)
        for scalar in text.unicodeScalars {
            utf8Starts.append(utf8)
            utf16Starts.append(utf16)
            utf8 += scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
            utf16 += scalar.value < 0x10000 ? 1 : 2
        }
        count = utf8Starts.count
        utf8Starts.append(utf8)
        utf16Starts.append(utf16)
    }

    /// The whole text.
    public var whole: TextSpan { span(scalars: 0..<count) }

    /// The span of a range of scalars; what reaches beyond the text is cut off.
    public func span(scalars range: Range<Int>) -> TextSpan {
        let scalars = range.clamped(to: 0..<count)
        guard !utf8Starts.isEmpty else { return TextSpan(scalars: scalars, utf8: scalars, utf16: scalars) }
        func places(_ starts: [Int32]) -> Range<Int> {
            Int(starts[scalars.lowerBound])..<Int(starts[scalars.upperBound])
        }
        return TextSpan(scalars: scalars, utf8: places(utf8Starts), utf16: places(utf16Starts))
    }

    /// The span of a range in `unit`. An end inside a scalar moves outwards to take the whole scalar in.
    public func span(_ range: Range<Int>, in unit: OffsetUnit) -> TextSpan {
        let starts = unit == .utf8 ? utf8Starts : utf16Starts
        guard unit != .scalar, let last = starts.last else { return span(scalars: range) }
        let range = range.clamped(to: 0..<Int(last))
        // The last scalar that begins at or before the place, and the first that begins at or after it.
        let lower = Self.first(in: starts) { $0 > range.lowerBound } - 1
        let upper = Self.first(in: starts) { $0 >= range.upperBound }
        return span(scalars: range.isEmpty ? lower..<lower : lower..<upper)
    }

    /// The text of a span.
    public func text(of span: TextSpan) -> String { String(decoding: bytes[span.utf8], as: UTF8.self) }

    private static func first(in starts: [Int32], where isBeyond: (Int) -> Bool) -> Int {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(Int(starts[middle])) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
