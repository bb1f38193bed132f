public import Foundation
import TheriacFiles

/// Wikipedia talk comments with stored Perspective scores.
public enum PerspectiveScoredWikipedia: Dataset {
    public static let card = DatasetCard(
        name: "perspective-scored-wikipedia",
        licence: "Apache-2.0; comment text CC-BY-SA-3.0 (Wikipedia)",
        licenceGroup: .shareAlike,
        use: .train,
        source:
            "conversationai/perspectiveapi: "
            + "example_data/perspective_wikipedia_2k_score_sample_20180829.csv",
        reference: "Jigsaw, Perspective API example data, 2018",
        labels:
            "Scores of the latest 2018 model of each attribute: toxicity_6, severe_toxicity_2, "
            + "identity_attack, insult, profanity, threat, sexually_explicit.",
        knownDefects: "Labels are a machine's, of 2018, with its known bias against identity terms.",
        relativePaths: ["toxicity/perspective-scored-wikipedia.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let scores = DatasetRow(value: row.value["scores"] ?? .null)
            var labels: [Attribute: Float] = [:]
            for (attribute, key) in keys { labels[attribute] = Float(try scores.number(key)) }
            return labels
        }
    }

    private static let keys: [(Attribute, String)] = [
        (.toxicity, "toxicity_6"), (.severeToxicity, "severe_toxicity_2"),
        (.identityAttack, "identity_attack"), (.insult, "insult"), (.profanity, "profanity"),
        (.threat, "threat"), (.sexuallyExplicit, "sexually_explicit"),
    ]
}
