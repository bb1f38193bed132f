internal import TheriacOptions

/// Names of the labels and the output rule, as `config.json` has them.
public struct ClassifierLabels: Sendable, Equatable {
    public var names: [String]
    public var output: ClassifierOutput
    /// `id2label` gives names, and not only `LABEL_0`, `LABEL_1`, ….
    public var areNamed: Bool

    /// - Throws: ``ModelError`` when `id2label` leaves a gap.
    init(_ fields: inout OptionFields) throws {
        var count: Int?
        try fields.read("num_labels", into: &count, in: 1...100_000)
        if case .object(let members)? = fields.value("id2label"), !members.isEmpty {
            names = try (0..<members.count).map { index in
                guard case .string(let name)? = members["\(index)"] else {
                    throw ModelError.unsupportedSetting(
                        "id2label", reason: "it has \(members.count) entries and none for label \(index)")
                }
                return name
            }
        } else {
            names = (0..<(count ?? 2)).map { "LABEL_\($0)" }
        }
        areNamed = names.enumerated().contains { $0.element != "LABEL_\($0.offset)" }
        var kind: String?
        try fields.read("problem_type", into: &kind)
        output =
            switch kind {
            case "regression": .none
            case "multi_label_classification": .sigmoid
            default: names.count == 1 ? .sigmoid : .softmax
            }
    }

    /// `configuration` with these names, for a classifier that scores every label for itself.
    static func multiLabel(
        _ names: [String], _ family: any TextEncoder.Type, over configuration: OptionValue
    ) -> OptionValue {
        let numbered = names.enumerated()
        let new: [String: OptionValue] = [
            "architectures": .list([.string(family.className)]),
            "problem_type": .string("multi_label_classification"),
            "id2label": .object(
                Dictionary(numbered.map { ("\($0.offset)", .string($0.element)) }) { $1 }),
            "label2id": .object(Dictionary(numbered.map { ($0.element, .integer($0.offset)) }) { $1 }),
        ]
        guard case .object(var members) = configuration else { return .object(new) }
        members["num_labels"] = nil
        return .object(members.merging(new) { $1 })
    }
}
