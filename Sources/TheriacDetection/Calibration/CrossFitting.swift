extension CalibrationSample {
    /// Every score after a map that was fitted without its text: to the other of two halves drawn by seed. What
    /// it measures is an honest, slightly pessimistic view of a map fitted to all.
    /// - Returns: the same texts in the same order.
    /// - Throws: ``CalibrationError`` when a half cannot be fitted.
    public func crossFitted(
        by method: any CalibrationMethod.Type, seed: UInt64
    ) throws(CalibrationError) -> CalibrationSample {
        let (first, second) = halfRows(seed: seed)
        var calibrated = scores
        for (fitting, other) in [(first, second), (second, first)] {
            let map = try method.fit(rows(fitting))
            for row in other { calibrated[row] = map.calibrated(scores[row]) }
        }
        return try CalibrationSample(scores: calibrated, targets: targets)
    }
}
