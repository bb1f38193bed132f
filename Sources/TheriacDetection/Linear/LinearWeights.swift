/// What a linear detector has learnt: the table of features, and for each head a scale, an offset and a
/// calibration.
struct LinearWeights: Sendable {
    var features: FeatureSettings
    var table: FeatureTable
    /// What one step of the int8 weights is worth.
    var scale: [Double]
    var offset: [Double]
    var calibration: [Calibration]

    /// Logits of one text before calibration, lane = head; nil for a text without words.
    func logits(of text: String) -> SIMD8<Double>? {
        logits(of: [text])[0]
    }

    /// Logits of texts, one after another, sharing a cache of words.
    func logits(of texts: [String]) -> [SIMD8<Double>?] {
        let words = WordFeatures(features)
        let pool = WindowPool(features, scale: scale, offset: offset)
        return WordCache.withCache(bits: Self.cacheBits(for: texts)) { cache in
            table.slots.withUnsafeBufferPointer { slots in
                guard let base = slots.baseAddress else { return texts.map { _ in nil } }
                let reader = FeatureTableReader(base, bits: table.bits)
                return texts.map { text in
                    var summer = WindowSummer(
                        features, features: words, table: reader, cache: cache, pool: pool)
                    text.withUTF8Bytes { WordScanner.scan($0, into: &summer) }
                    return summer.finish()
                }
            }
        }
    }

    /// Calibrated probabilities of texts; nil for a text without words.
    func probabilities(of texts: [String]) -> [[Double]?] {
        logits(of: texts).map { logits in
            logits.map { logits in calibration.indices.map { calibration[$0].probability(logits[$0]) } }
        }
    }

    /// A cache of no more entries than the texts can fill, and of 2^13 at most, so that it stays near the
    /// core.
    private static func cacheBits(for texts: [String]) -> Int {
        var bytes = 0
        for text in texts where bytes < 1 << 17 { bytes += text.utf8.count }
        return bytes < 1 << 10 ? 7 : bytes < 1 << 15 ? 10 : 13
    }
}
