public import Foundation

/// Everything a run found out, as `results.json` holds it: the arms, how they differ from the first one, and
/// what is needed to repeat it. `Documentation/results.md` describes the fields.
public struct ComparisonReport: Sendable, Codable, Equatable {
    public static let currentSchema = "theriac-results-1"

    public var schema: String
    public var title: String
    /// The first arm is the baseline.
    public var arms: [EvaluationSummary]
    /// One for each further arm, in the arms' order.
    public var differences: [ArmDifference]
    public var bootstrap: Bootstrap
    public var provenance: Provenance
    /// What a reader must know before trusting the numbers; the arms' own warnings are repeated here.
    public var warnings: [String]
    /// Fluency on texts about groups of people; absent when it was not measured.
    public var groupFluency: FluencyByGroup?

    enum CodingKeys: String, CodingKey {
        case schema, title, arms, differences, bootstrap, provenance, warnings
        case groupFluency = "group_fluency"
    }

    /// Compares arms that were evaluated on the same prompts; the first is the baseline.
    ///
    /// - Throws: ``EvaluationError`` when there is no arm, a name occurs twice, or an arm shares no prompt
    ///   with the baseline.
    public init(
        title: String, arms: [(summary: EvaluationSummary, prompts: [ScoredPrompt])], provenance: Provenance,
        metrics: [any PromptMetric] = PromptMetrics.all, bootstrap: Bootstrap = Bootstrap(),
        warnings: [String] = [], groupFluency: FluencyByGroup? = nil
    ) throws {
        guard let first = arms.first else { throw EvaluationError.noArms }
        var names = Set<String>()
        for arm in arms where !names.insert(arm.summary.arm.name).inserted {
            throw EvaluationError.duplicateArm(arm.summary.arm.name)
        }
        schema = Self.currentSchema
        self.title = title
        self.arms = arms.map(\.summary)
        self.bootstrap = bootstrap
        self.provenance = provenance
        self.groupFluency = groupFluency
        self.warnings = warnings + arms.flatMap(\.summary.warnings)
        let baseline = MeasuredArm(first, metrics: metrics)
        differences = try arms.dropFirst().map {
            try ArmDifference(from: baseline, to: MeasuredArm($0, metrics: metrics), bootstrap: bootstrap)
        }
    }

    public var baseline: EvaluationSummary? { arms.first }

    /// The differences of an arm by its name; nil for the baseline.
    public func difference(of arm: String) -> ArmDifference? { differences.first { $0.arm == arm } }

    /// The report as `results.json`: sorted keys, dates as ISO 8601 in UTC.
    public func jsonData() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Reads `results.json`.
    ///
    /// - Throws: ``EvaluationError/unknownSchema(found:expected:)`` for a file of another version,
    ///   `DecodingError` for one that is damaged.
    public init(jsonData: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let found = try decoder.decode(SchemaField.self, from: jsonData).schema
        guard found == Self.currentSchema else {
            throw EvaluationError.unknownSchema(found: found, expected: Self.currentSchema)
        }
        self = try decoder.decode(Self.self, from: jsonData)
    }

    private struct SchemaField: Decodable { let schema: String }
}
