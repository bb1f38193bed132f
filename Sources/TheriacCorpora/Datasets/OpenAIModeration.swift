public import Foundation
import TheriacFiles

/// Evaluation set of OpenAI's moderation model.
public enum OpenAIModeration: Dataset {
    public static let card = DatasetCard(
        name: "openai-moderation",
        licence: "MIT",
        licenceGroup: .open,
        use: .testOnly,
        source: "openai/moderation-api-release: data/samples-1680.jsonl.gz",
        reference:
            "Markov et al., A Holistic Approach to Undesired Content Detection in the Real World, "
            + "AAAI 2023",
        labels:
            "toxicity is 1 when hate, hate_threatening or harassment is 1, and 0 when hate and "
            + "harassment are 0 and sexual and violence are not 1. identity_attack is hate or "
            + "hate_threatening; sexually_explicit is sexual; threat is 1 for hate_threatening and "
            + "0 when violence is 0. Nulls stay unknown.",
        knownDefects:
            "Labels are incomplete: many are null. Long texts and prompts beside short posts. "
            + "Self-harm and violence are no toxicity by themselves.",
        relativePaths: ["toxicity/openai-moderation.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let scores = row.value["labels"] ?? .null
            var native = NativeLabels()
            for (key, label) in keys {
                guard let value = scores[key]?.double else { continue }
                native.set(label, value == 1)
            }
            return native
        }
    }

    private static let keys: [(String, String)] = [
        ("hate", "openai/hate"), ("hate_threatening", "openai/hate/threatening"),
        ("harassment", "openai/harassment"), ("sexual", "openai/sexual"), ("violence", "openai/violence"),
        ("violence_graphic", "openai/violence/graphic"), ("self_harm", "openai/self-harm"),
    ]
}
