/// Scores of texts with what is true of them, to fit a calibration to. Take texts the detector was not trained
/// on, and measure the result on others.
public struct CalibrationSample: Sendable, Equatable {
    /// What the detector said, in 0...1.
    public let scores: [Double]
    /// 0 or 1; or shares in between: of raters, or another detector's scores.
    public let targets: [Double]

    /// - Throws: ``CalibrationError`` for unequal counts or a value outside 0...1.
    public init(scores: [Double], targets: [Double]) throws(CalibrationError) {
        guard scores.count == targets.count else {
            throw .unequalCounts(scores: scores.count, targets: targets.count)
        }
        if let index = scores.firstIndex(where: { !(0...1).contains($0) }) {
            throw .outside(what: "score", index: index)
        }
        if let index = targets.firstIndex(where: { !(0...1).contains($0) }) {
            throw .outside(what: "label", index: index)
        }
        self.scores = scores
        self.targets = targets
    }

    /// With labels that are yes or no.
    public init(scores: [Double], labels: [Bool]) throws(CalibrationError) {
        try self.init(scores: scores, targets: labels.map { $0 ? 1 : 0 })
    }

    /// Mean of the targets: the share of positives.
    public var base: Double { targets.reduce(0, +) / Double(max(1, targets.count)) }

    /// Whether most targets lie between 0 and 1. Such a target says more than a yes or no: it varies less around
    /// what is to be fitted.
    private var isGraded: Bool { 2 * targets.count { $0 > 0 && $0 < 1 } > targets.count }

    /// - Throws: ``CalibrationError`` when `method` cannot be fitted to this.
    func check(_ method: any CalibrationMethod.Type) throws(CalibrationError) {
        let needed = isGraded ? method.leastTexts / 2 : method.leastTexts
        guard scores.count >= needed else {
            throw .tooFew(method: method.name, found: scores.count, needed: needed)
        }
        guard let first = targets.first, targets.contains(where: { $0 != first }) else {
            throw .oneClass(method: method.name)
        }
    }

    /// Two halves without a common text, drawn by seed.
    public func halves(seed: UInt64) -> (CalibrationSample, CalibrationSample) {
        let (first, second) = halfRows(seed: seed)
        return (rows(first), rows(second))
    }

    /// The places of the two halves' texts, ascending.
    func halfRows(seed: UInt64) -> ([Int], [Int]) {
        var random = SplitMix(seed: seed)
        let order = scores.indices.shuffled(using: &random)
        let middle = (order.count + 1) / 2
        return (order[..<middle].sorted(), order[middle...].sorted())
    }

    private init(unchecked scores: [Double], _ targets: [Double]) {
        self.scores = scores
        self.targets = targets
    }

    func rows(_ rows: [Int]) -> CalibrationSample {
        CalibrationSample(unchecked: rows.map { scores[$0] }, rows.map { targets[$0] })
    }
}
