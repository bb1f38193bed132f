/// How likely a token was at its place, and which were likeliest there.
public struct TokenLogProbability: Sendable, Equatable {
    public struct Alternative: Sendable, Equatable {
        public var token: Int32
        /// Natural logarithm.
        public var logProbability: Float
    }

    public var token: Int32
    /// Natural logarithm of its probability under the logits, before temperature and top-p; −∞ for a banned token.
    public var logProbability: Float
    /// The likeliest first; of equal ones the one with the smaller id.
    public var top: [Alternative]

    /// - Parameters:
    ///   - logits: one row.
    ///   - alternatives: likeliest tokens to keep.
    init(of token: Int32, in logits: UnsafeBufferPointer<Float>, alternatives: Int) {
        let total = RowArithmetic.logSumExp(logits)
        self.token = token
        // The same subtraction below, so that the likeliest token has the same number in both places.
        logProbability = logits[Int(token)] - total
        top = Self.largest(alternatives, of: logits).map {
            Alternative(token: Int32($0), logProbability: logits[$0] - total)
        }
    }

    /// Places of the largest values, in falling order.
    private static func largest(_ count: Int, of values: UnsafeBufferPointer<Float>) -> [Int] {
        guard count > 0 else { return [] }
        var found: [Int] = []
        for index in values.indices {
            if found.count == count, let last = found.last, values[index] <= values[last] { continue }
            var place = found.count
            while place > 0, values[found[place - 1]] < values[index] { place -= 1 }
            found.insert(index, at: place)
            if found.count > count { found.removeLast() }
        }
        return found
    }
}
