internal import Foundation
public import TheriacAudit
public import TheriacCorpora
public import TheriacDetection

/// `theriac feedback thresholds`: what communities' feedback says of where a detector should flag.
///
/// Texts are scored anew, so that all scores are of one detector. Of several opinions on a text in a community the mean
/// counts, and the text is positive from 0.5.
public struct FeedbackLearning {
    /// The thresholds of one attribute.
    public struct Outcome: Sendable, Encodable {
        public var attribute: Attribute
        /// As a sentence's part.
        public var goal: String
        public var detector: DetectorIdentity
        /// How many trials of its own a community needs to count as much as all others.
        public var strength: Double
        public var global: CommunityThresholds.Outcome
        public var communities: [CommunityThresholds.Outcome]
        /// Texts that the detector could not score.
        public var unscored: Int

        /// As rows for the store; communities whose goal no threshold reaches are left out.
        public var rows: [CommunityThreshold] {
            ([global] + communities).compactMap { one in
                one.threshold.map {
                    CommunityThreshold(
                        community: one.community, attribute: attribute.rawValue, threshold: $0.value,
                        low: $0.low,
                        high: $0.high, goal: goal, texts: one.texts, positives: one.positives,
                        detector: "\(detector.name)@\(detector.version)", detectorHash: detector.hash)
                }
            }
        }

        public var table: FigureTable {
            var table = FigureTable(
                ["Community", "Attribute", "Texts", "Positive", "Threshold", "Rate there", "Own share"],
                wordColumns: 2)
            for one in [global] + communities {
                table.rows.append([
                    one.community ?? "(all together)", attribute.rawValue, "\(one.texts)", "\(one.positives)",
                    FigureFormat.interval(one.threshold), FigureFormat.interval(one.rate),
                    FigureFormat.short(one.ownShare, 2),
                ])
            }
            return table
        }
    }

    private let detector: any Detector

    public init(_ detector: any Detector) { self.detector = detector }

    /// - Parameters:
    ///   - goal: what each threshold shall reach.
    ///   - filter: which feedback counts.
    ///   - strength: of the shrinkage; estimated when nil.
    /// - Throws: ``WorkbenchError/noLabels(_:what:)`` when no feedback with a text says anything of the attribute,
    ///   ``DetectionError`` when all of it says the same.
    public func thresholds(
        _ goal: ThresholdGoal, of attribute: Attribute, in store: AuditStore, _ filter: FeedbackFilter,
        strength: Double? = nil
    ) throws -> Outcome {
        var corpora: [String: FeedbackCorpus] = [:]
        try store.forEachFeedback(filter) { corpora[$0.community ?? "", default: FeedbackCorpus()].add($0) }
        var opinions: [(community: String, text: String, value: Double)] = []
        for (community, corpus) in corpora.sorted(by: { $0.key < $1.key }) {
            for entry in corpus.entries {
                guard let value = entry.scores[attribute.rawValue] else { continue }
                opinions.append((community.isEmpty ? "(none)" : community, entry.text, value))
            }
        }
        guard !opinions.isEmpty else {
            throw WorkbenchError.noLabels(
                store.url.lastPathComponent, what: "feedback on \(attribute.rawValue)")
        }
        let verdicts = try detector.verdicts(for: opinions.map(\.text))
        var texts: [ReviewedScore] = []
        for (opinion, verdict) in zip(opinions, verdicts) {
            guard case .scored(let scores) = verdict, let score = scores[attribute] else { continue }
            texts.append(
                ReviewedScore(
                    community: opinion.community, score: Double(score), isPositive: opinion.value >= 0.5))
        }
        guard !texts.isEmpty else {
            throw WorkbenchError.noLabels(
                store.url.lastPathComponent,
                what: "a text that \(detector.identity) gives a score of \(attribute.rawValue)")
        }
        let learnt = try CommunityThresholds(goal, texts: texts, strength: strength)
        return Outcome(
            attribute: attribute, goal: goal.description, detector: detector.identity,
            strength: learnt.strength,
            global: learnt.global, communities: learnt.communities, unscored: opinions.count - texts.count)
    }
}
