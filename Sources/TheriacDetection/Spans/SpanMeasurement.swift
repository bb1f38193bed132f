internal import Foundation
public import TheriacCorpora

/// A text with the spans that raters agreed on.
public struct MarkedText: Sendable, Equatable {
    public var text: String
    /// Ranges of scalars in order.
    public var spans: [Range<Int>]

    /// - Parameter agreed: a character counts from this share of raters on.
    /// - Returns: nil for a text whose spans nobody marked.
    public init?(_ text: LabelledText, agreed: Float = 0.5) {
        guard let spans = text.toxicSpans else { return nil }
        self.init(
            text: text.text, spans: SpanRepair.merged(spans.filter { $0.share >= agreed }.map(\.scalars)))
    }

    public init(text: String, spans: [Range<Int>]) {
        self.text = text
        self.spans = spans
    }
}

/// How well one way of finding spans agrees with raters.
public struct SpanMeasurement: Sendable, Codable, Equatable {
    /// Name of the finder, or of a baseline: `none`, `all`, `random`.
    public var finder: String
    /// The detector it reads; nil for baselines.
    public var detector: String?
    /// The rule, chosen on other texts; nil for baselines.
    public var rule: SpanRule?
    public var texts: Int
    /// Mean over texts of ``SpanAgreement/f1``, with its 95 % interval.
    public var f1: Estimate
    /// The same over texts with a marked span, and over those without; nil where there is none.
    public var f1OfMarked: Double?
    public var f1OfUnmarked: Double?
    /// Of the characters of all texts together; nil when nothing is predicted, or marked.
    public var precision: Double?
    public var recall: Double?
    /// Texts a second, spans and all; nil for baselines.
    public var textsPerSecond: Double?

    /// Measures predicted spans; nil when there is no text.
    public init?(
        finder: String, detector: String? = nil, rule: SpanRule? = nil, predicted: [[Range<Int>]],
        of texts: [MarkedText], seconds: Double? = nil
    ) {
        let agreements = zip(predicted, texts).map { SpanAgreement(predicted: $0, marked: $1.spans) }
        let scores = agreements.map(\.f1)
        let interval = Estimate.bootstrap(count: scores.count, resamples: 1000) { times in
            guard let times else { return Self.mean(scores) }
            return zip(times, scores).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(scores.count)
        }
        guard let interval else { return nil }
        self.finder = finder
        self.detector = detector
        self.rule = rule
        self.texts = texts.count
        f1 = interval
        f1OfMarked = Self.mean(agreements.filter { $0.marked > 0 }.map(\.f1))
        f1OfUnmarked = Self.mean(agreements.filter { $0.marked == 0 }.map(\.f1))
        var all = SpanAgreement(predicted: [], marked: [])
        for agreement in agreements {
            all.shared += agreement.shared
            all.predicted += agreement.predicted
            all.marked += agreement.marked
        }
        precision = all.precision
        recall = all.recall
        textsPerSecond = seconds.map { Double(texts.count) / max($0, 1e-9) }
    }

    /// Measures `finder` over `detector` on `texts`, with `rule` or else the rule that does best on `tuning`; no texts to
    /// tune on leave the finder's own rule.
    public static func measure(
        _ finder: any SpanFinder, detector: DetectorIdentity, tuning: [MarkedText], on texts: [MarkedText],
        rule: SpanRule? = nil
    ) throws -> SpanMeasurement? {
        let kind = type(of: finder)
        let tuned = rule == nil ? try finder.evidence(in: tuning.map(\.text)) : []
        let rule = rule ?? SpanRule.best(for: tuned, of: tuning) ?? kind.rule
        let started = Date()
        let predicted = try finder.spans(in: texts.map(\.text), by: rule)
        return SpanMeasurement(
            finder: kind.name, detector: detector.description, rule: rule, predicted: predicted, of: texts,
            seconds: Date().timeIntervalSince(started))
    }

    /// What needs no detector: no span, the whole text, and each word with the probability `share`.
    public static func baselines(
        on texts: [MarkedText], share: Double, seed: UInt64 = 1
    ) -> [SpanMeasurement] {
        var random = SplitMix(seed: seed)
        let rule = SpanRule(threshold: 0.5)
        let drawn = texts.map { text in
            let words = TextWords.words(of: text.text).map { word in
                let uniform = Double(random.next() >> 11) * 0x1p-53
                return WordEvidence(scalars: word, weight: uniform < share ? 1 : 0)
            }
            return rule.spans(of: words, in: text.text)
        }
        let whole = texts.map { [0..<$0.text.unicodeScalars.count] }
        return [("none", texts.map { _ in [] }), ("all", whole), ("random", drawn)].compactMap {
            SpanMeasurement(finder: $0.0, predicted: $0.1, of: texts)
        }
    }

    /// Share of the words that raters marked at least in part, for ``baselines(on:share:seed:)``.
    public static func markedShare(of texts: [MarkedText]) -> Double {
        var (marked, total) = (0, 0)
        for text in texts {
            let words = TextWords.words(of: text.text)
            total += words.count
            marked += words.count { word in text.spans.contains { $0.overlaps(word) } }
        }
        return total > 0 ? Double(marked) / Double(total) : 0
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

extension SpanRule {
    /// The rule with the highest mean F1 on `texts`: thresholds are quantiles of the words' weights, shares steps of a
    /// tenth. Of equals the one with the higher threshold and share. Nil without words.
    public static func best(for evidence: [[WordEvidence]], of texts: [MarkedText]) -> SpanRule? {
        let weights = evidence.joined().map(\.weight).sorted()
        guard !weights.isEmpty else { return nil }
        // Most words are innocent: half of the candidates lie among the heaviest tenth.
        let steps = (0..<30).map { Double($0) / 30 }
        let places: [Double] = steps.map { 0.4 + 0.5 * $0 } + steps.map { 0.9 + 0.1 * $0 }
        let thresholds = Set(places.map { weights[Int($0 * Double(weights.count - 1))] }).sorted()
        let scalars = texts.map { Array($0.text.unicodeScalars) }
        var best: (rule: SpanRule, f1: Double)?
        for share in stride(from: 0, through: 9, by: 1).map({ Float($0) / 10 }) {
            for threshold in thresholds where share == 0 || threshold > 0 {
                let rule = SpanRule(threshold: threshold, share: share)
                var sum = 0.0
                for (index, text) in texts.enumerated() {
                    let spans = SpanRepair.repaired(
                        rule.runs(of: evidence[index], in: scalars[index]), in: scalars[index])
                    sum += SpanAgreement(predicted: spans, marked: text.spans).f1
                }
                if sum >= best?.f1 ?? 0 { best = (rule, sum) }
            }
        }
        return best?.rule
    }
}
