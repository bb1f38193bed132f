/// How well a detector finds toxic texts under attack, alone and with a normaliser in front.
///
/// Toxic texts are attacked, the others stay as they are: F1 and the area under ROC set attacked toxic texts against
/// clean others. Intervals are over texts.
public struct AttackMeasurement: Sendable, Codable, Equatable {
    /// What one detector does with one version of the texts.
    public struct Figures: Sendable, Codable, Equatable {
        /// Share of the toxic texts with a score of at least 0.5, and of at least ``AttackMeasurement/threshold`` where
        /// 5 % of the clean texts lie.
        public var recall: Estimate?
        public var recallAtFalsePositiveRate: Estimate?
        public var f1: Estimate?
        public var areaUnderROC: Estimate?
    }

    public struct Row: Sendable, Codable, Equatable {
        /// The attack's name; `none` for the texts as they are.
        public var attack: String
        /// Share of the toxic texts that it changed.
        public var changed: Double
        public var alone: Figures
        public var normalized: Figures
    }

    /// What the normaliser does to clean texts.
    public struct CleanTexts: Sendable, Codable, Equatable {
        public var texts: Int
        /// How many it changed.
        public var changed: Int
        /// Share with a score of at least 0.5 without and with it.
        public var falsePositiveRateAlone: Double
        public var falsePositiveRateNormalized: Double
    }

    public var detector: String
    public var normalizer: String
    public var toxicTexts: Int
    /// Scores that 5 % of the clean texts reach, alone and normalised.
    public var thresholdAlone: Double
    public var thresholdNormalized: Double
    public var clean: CleanTexts
    public var rows: [Row]

    static let falsePositiveRate = 0.05

    /// - Parameters:
    ///   - toxic: toxic texts with the words to attack.
    ///   - clean: other texts.
    ///   - attacks: one row each, after the row without.
    ///   - progress: called with the attack's name and how many of all are done.
    /// - Throws: ``DetectionError/metric(name:reason:)`` when either list is empty; errors of the detector.
    public init(
        _ detector: any Detector, normalizer: EvasionNormalizer, toxic: [AttackableText], clean: [String],
        attacks: [any TextAttack], seed: UInt64, resamples: Int = 200,
        progress: (String, Int, Int) -> Void = { _, _, _ in }
    ) throws {
        guard !toxic.isEmpty, !clean.isEmpty else {
            throw DetectionError.metric(
                name: "recall under attack", reason: "it needs toxic texts and others; one of them is missing"
            )
        }
        let guarded = NormalizingDetector(detector, normalizer: normalizer)
        progress("clean texts", 0, attacks.count + 1)
        let negatives = Pair(
            alone: try Self.scores(detector, clean), normalized: try Self.scores(guarded, clean))
        let thresholds = (
            Self.threshold(negatives.alone, share: Self.falsePositiveRate),
            Self.threshold(negatives.normalized, share: Self.falsePositiveRate)
        )
        var rows: [Row] = []
        for (place, attack) in ([nil] + attacks.map { $0 as (any TextAttack)? }).enumerated() {
            let name = attack.map { type(of: $0).name } ?? "none"
            progress(name, place, attacks.count + 1)
            let texts =
                attack.map { attack in toxic.map { attack.attacked($0, seed: seed) } } ?? toxic.map(\.text)
            let changed = zip(texts, toxic).count { $0 != $1.text }
            func figures(_ detector: any Detector, _ clean: [Double], _ threshold: Double) throws -> Figures {
                try Self.figures(
                    toxic: Self.scores(detector, texts), clean: clean, threshold: threshold,
                    resamples: resamples)
            }
            rows.append(
                Row(
                    attack: name, changed: Double(changed) / Double(toxic.count),
                    alone: try figures(detector, negatives.alone, thresholds.0),
                    normalized: try figures(guarded, negatives.normalized, thresholds.1)))
        }
        progress("done", attacks.count + 1, attacks.count + 1)
        self.detector = detector.identity.description
        self.normalizer = "\(EvasionNormalizer.version)+sha256:\(normalizer.vocabulary.hash.prefix(8))"
        toxicTexts = toxic.count
        (thresholdAlone, thresholdNormalized) = thresholds
        func flagged(_ scores: [Double]) -> Double {
            Double(scores.count { $0 >= 0.5 }) / Double(scores.count)
        }
        self.clean = CleanTexts(
            texts: clean.count, changed: clean.count { normalizer.normalized($0).isChanged },
            falsePositiveRateAlone: flagged(negatives.alone),
            falsePositiveRateNormalized: flagged(negatives.normalized))
        self.rows = rows
    }

    private struct Pair {
        var alone: [Double]
        var normalized: [Double]
    }

    /// Toxicity of each text; 0 for one that cannot be scored, which nobody would stop.
    private static func scores(_ detector: any Detector, _ texts: [String]) throws -> [Double] {
        var scores: [Double] = []
        var start = 0
        while start < texts.count {
            let batch = Array(texts[start..<min(start + 256, texts.count)])
            scores += try detector.verdicts(for: batch).map { Double($0.toxicity ?? 0) }
            start += 256
        }
        return scores
    }

    /// The lowest score that at most `share` of the scores reach.
    static func threshold(_ scores: [Double], share: Double) -> Double {
        let sorted = scores.sorted(by: >)
        let allowed = Int(share * Double(sorted.count))
        guard allowed < sorted.count else { return 0 }
        return sorted[allowed].nextUp
    }

    private static func figures(
        toxic: [Double], clean: [Double], threshold: Double, resamples: Int
    ) throws -> Figures {
        let values = toxic + clean
        let labels = toxic.map { _ in true } + clean.map { _ in false }
        let ranked = try RankedScores(scores: values, labels: labels, metric: "The area under ROC")
        func recall(_ threshold: Double) -> Estimate? {
            Estimate.bootstrap(count: toxic.count, resamples: resamples) { times in
                var found = 0
                for (text, score) in toxic.enumerated() where score >= threshold {
                    found += times?[text] ?? 1
                }
                return Double(found) / Double(toxic.count)
            }
        }
        return Figures(
            recall: recall(0.5), recallAtFalsePositiveRate: recall(threshold),
            f1: Estimate.bootstrap(count: values.count, resamples: resamples) {
                Confusion(scores: values, labels: labels, threshold: 0.5, times: $0).f1
            },
            areaUnderROC: Estimate.bootstrap(count: values.count, resamples: resamples) {
                ranked.areaUnderROC(times: $0)
            })
    }
}
