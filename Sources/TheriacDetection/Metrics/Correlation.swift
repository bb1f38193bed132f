/// Pearson's correlation of two series, -1...1.
///
/// Example: (1, 2, 3) and (2, 4, 7) give 5 / √(2 · 12.667) = 0.99339.
/// - Throws: ``DetectionError/metric(name:reason:)`` for unequal counts, no values, or a series that does not
///   vary.
public func pearsonCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    guard let value = try RankedPairs(first, second).pearson() else { throw RankedPairs.constant }
    return value
}
