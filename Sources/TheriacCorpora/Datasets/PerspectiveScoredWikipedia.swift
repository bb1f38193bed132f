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
            var native = NativeLabels()
            for (label, key) in keys { native.set("perspective/\(label)", share: try scores.number(key)) }
            return native
        }
    }

    private static let keys: [(String, String)] = [
        ("TOXICITY", "toxicity_6"), ("SEVERE_TOXICITY", "severe_toxicity_2"),
        ("IDENTITY_ATTACK", "identity_attack"), ("INSULT", "insult"), ("PROFANITY", "profanity"),
        ("THREAT", "threat"), ("SEXUALLY_EXPLICIT", "sexually_explicit"),
    ]
}
