extension LinearWeights {
    /// Rounds a trained model to eight bits.
    ///
    /// Weights beyond `span` standard deviations of their head are cut off there: a finer step for the many
    /// is worth
    /// more than the extremes of the few.
    init(rounding model: LinearDetectorTrainer.Model, features: FeatureSettings, span: Float = 8) {
        var table = FeatureTable(bits: features.hashBits)
        var squares = LinearDetectorTrainer.Heads.zero
        var highest = LinearDetectorTrainer.Heads.zero
        for weight in model.weights {
            squares += weight * weight
            highest = pointwiseMax(highest, pointwiseMax(weight, -weight))
        }
        let deviation = (squares / Float(max(1, model.weights.count))).squareRoot()
        let step = pointwiseMin(highest, deviation * span) / 127
        for (feature, weight) in zip(model.features, model.weights) {
            let rounded = (0..<FeatureTable.heads).map { head in
                step[head] > 0 ? Int8(max(-127, min(127, (weight[head] / step[head]).rounded()))) : 0
            }
            if rounded.contains(where: { $0 != 0 }) {
                table.set(slot: feature.slot, fingerprint: feature.fingerprint, weights: rounded)
            }
        }
        self.init(
            features: features, table: table,
            scale: (0..<FeatureTable.heads).map { Double(step[$0]) },
            offset: (0..<FeatureTable.heads).map { Double(model.offsets[0][$0]) },
            calibration: [Calibration](repeating: .identity, count: FeatureTable.heads))
    }
}
