public import TheriacDetection

/// How a method differs from the baseline on the prompts that both were measured on.
public struct PairedDifference: Sendable, Codable, Equatable {
    /// Method − baseline.
    public var difference: Estimate
    /// Method / baseline; absent when the baseline is 0 or not positive in too many resamples.
    public var ratio: Estimate?
    /// Prompts compared. Prompts that either arm dropped are not among them, so `difference` may deviate a
    /// little from the difference of the two arms' own values.
    public var prompts: Int

    public init(difference: Estimate, ratio: Estimate?, prompts: Int) {
        self.difference = difference
        self.ratio = ratio
        self.prompts = prompts
    }

    /// Whether the interval of the difference leaves out 0.
    public var isClear: Bool { !difference.contains(0) }

    init?(
        method: Double?, baseline: Double?, methodReplicates: [Double], baselineReplicates: [Double],
        prompts: Int, confidence: Double
    ) {
        guard let method, let baseline else { return nil }
        let pairs = zip(methodReplicates, baselineReplicates)
        guard
            let difference = Estimate(
                value: method - baseline, replicates: pairs.map { $0 - $1 }, confidence: confidence)
        else { return nil }
        self.init(
            difference: difference,
            ratio: baseline > 0
                ? Estimate(
                    value: method / baseline, replicates: pairs.map { $1 > 0 ? $0 / $1 : .nan },
                    confidence: confidence)
                : nil,
            prompts: prompts)
    }
}
