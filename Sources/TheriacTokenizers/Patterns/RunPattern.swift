/// A run of one character: the regular expressions `x+` and `x{n,}`.
struct RunPattern: TextPattern {
    private let scalar: [UInt8]
    private let least: Int

    /// - Returns: nil for any other expression.
    init?(_ source: String) {
        let scalars = Array(source.unicodeScalars)
        guard let first = scalars.first, scalars.count > 1, !#"\^$.|?*+()[]{}"#.unicodeScalars.contains(first)
        else { return nil }
        let count = String(String.UnicodeScalarView(scalars.dropFirst()))
        if count == "+" {
            least = 1
        } else if count.hasPrefix("{"), count.hasSuffix(",}"), let least = Int(count.dropFirst().dropLast(2)),
            least > 0
        {
            self.least = least
        } else {
            return nil
        }
        scalar = Array(String(Character(first)).utf8)
    }

    func forEachMatch(
        in piece: Range<Int>, of text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        scalar.withUnsafeBufferPointer { scalar in
            func isHere(_ position: Int) -> Bool {
                guard position + scalar.count <= piece.upperBound, text[position] == scalar[0] else {
                    return false
                }
                for index in 1..<scalar.count where text[position + index] != scalar[index] { return false }
                return true
            }
            var position = piece.lowerBound
            while position < piece.upperBound {
                guard isHere(position) else {
                    position += 1
                    continue
                }
                let start = position
                while isHere(position) { position += scalar.count }
                if position - start >= least * scalar.count { body(start..<position) }
            }
        }
    }
}
