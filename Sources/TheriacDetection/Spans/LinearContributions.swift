public import TheriacCorpora

/// What each word adds to a linear detector's logit: exact, for the cost of one pass.
///
/// A word brings its own weights, those of its character n-grams, and half of each pair that it is part of. As evidence
/// for spans a word is weighed as if it stood alone: a long text makes all words small, but not less toxic.
public struct LinearContributions: SpanFinder {
    public static let name = "contributions"
    public static let summary = "the word's own log-odds in a linear detector"
    public static let rule = SpanRule(threshold: 0.9, share: 0.6)

    /// The parts of one head's logit of one text.
    public struct Parts: Sendable, Equatable {
        /// What each word adds to the calibrated log-odds.
        public var words: [WordEvidence]
        /// What the text without words begins from.
        public var offset: Double

        /// The text's calibrated log-odds, exactly for a text of one window (at most 64 words, see
        /// ``FeatureSettings``). In a longer one each window's words are weighed by the window's share in the pooled
        /// logit, to first order.
        public var logit: Double { words.reduce(offset) { $0 + Double($1.weight) } }
    }

    private let weights: LinearWeights
    private let head: Int

    public init?(_ detector: any Detector, attribute: Attribute) {
        guard let detector = detector as? LinearDetector,
            let head = detector.attributes.firstIndex(of: attribute)
        else { return nil }
        weights = detector.weights
        self.head = head
    }

    public func evidence(in texts: [String]) -> [[WordEvidence]] {
        let slope = Float(weights.calibration[head].slope * weights.scale[head])
        let alone = Float(WindowPool.reciprocals(weights.features)[1])
        return texts.map { text in
            let offsets = TextOffsets(text)
            return WordSums(of: text, weights, head: head).words.map { word in
                let span = offsets.span(word.place, in: .utf8)
                return WordEvidence(scalars: span.scalars, weight: slope * alone * Float(word.sum))
            }
        }
    }

    /// The parts of the logit of each text; nil for a text without words.
    public func parts(of texts: [String]) -> [Parts?] {
        let calibration = weights.calibration[head]
        let reciprocals = WindowPool.reciprocals(weights.features)
        let (scale, offset) = (weights.scale[head], weights.offset[head])
        return texts.map { text in
            let sums = WordSums(of: text, weights, head: head).words
            guard !sums.isEmpty else { return nil }
            let windows = Self.windows(words: sums.count, block: weights.features.blockWords)
            let logits = windows.map { window in
                let sum = sums[window].reduce(0) { $0 + $1.sum }
                return offset + scale * sum * reciprocals[window.count]
            }
            let shares = WindowPool.shares(logits, sharpness: weights.features.sharpness)
            let offsets = TextOffsets(text)
            var words = sums.map {
                WordEvidence(scalars: offsets.span($0.place, in: .utf8).scalars, weight: 0)
            }
            for (window, share) in zip(windows, shares) {
                let factor = calibration.slope * scale * share * reciprocals[window.count]
                for index in window { words[index].weight += Float(factor * sums[index].sum) }
            }
            return Parts(words: words, offset: calibration.slope * offset + calibration.intercept)
        }
    }

    /// The windows that ``WindowSummer`` makes of so many words: pairs of neighbouring blocks.
    static func windows(words: Int, block: Int) -> [Range<Int>] {
        guard words > 2 * block else { return [0..<words] }
        return stride(from: block, to: words, by: block).map { ($0 - block)..<min(words, $0 + block) }
    }
}

/// The weights of each word of a text for one head, before scaling.
private struct WordSums: WordSink {
    static let wantsPlaces = true

    var words: [(place: Range<Int>, sum: Double)] = []
    private let features: WordFeatures
    private let table: FeatureTable
    private let head: Int
    private let usesPairs: Bool
    private var last: UInt64?

    init(of text: String, _ weights: LinearWeights, head: Int) {
        features = WordFeatures(weights.features)
        table = weights.table
        self.head = head
        usesPairs = weights.features.wordPairs
        text.withUTF8Bytes { WordScanner.scan($0, into: &self) }
    }

    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        take(bytes, count: count, from: 0..<0)
    }

    mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, from place: Range<Int>) {
        let word = features.hash.word(bytes, count: count)
        var sum = 0
        features.forEach(bytes, count: count, word: word) { sum += weight(of: $0) }
        words.append((place, Double(sum)))
        if usesPairs, let last {
            let half = Double(weight(of: features.hash.pair(last, word))) / 2
            words[words.count - 2].sum += half
            words[words.count - 1].sum += half
        }
        last = word
    }

    private func weight(of feature: UInt64) -> Int {
        let slot = FeatureTable.slot(of: feature, bits: table.bits)
        guard table.fingerprint(slot: slot) == FeatureTable.fingerprint(of: feature) else { return 0 }
        return Int(table.weight(slot: slot, head: head))
    }
}
