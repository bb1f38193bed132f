public import Foundation

/// A few rows of the Jigsaw Toxic Comment Classification training set.
public enum JigsawSample: Dataset {
    public static let card = DatasetCard(
        name: "jigsaw-sample",
        licence: "CC0-1.0 (labels); comment text CC-BY-SA-3.0 (Wikipedia)",
        licenceGroup: .shareAlike,
        use: .train,
        source:
            "unitaryai/detoxify: "
            + "tests/dummy_data/jigsaw-toxic-comment-classification-challenge/train.csv",
        reference:
            "Jigsaw / Conversation AI, Toxic Comment Classification Challenge, 2018; Wulczyn, "
            + "Thain, Dixon, Ex Machina, WWW 2017",
        labels:
            "Six yes/no labels of Wikipedia talk comments, majorities of ten raters, taken as "
            + "they are: toxic, severe_toxic, obscene (profanity), threat, insult, identity_hate "
            + "(identity_attack).",
        knownDefects: "Small; Wikipedia editors only; 28 toxic rows.",
        relativePaths: ["toxicity/jigsaw-sample.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            var native = NativeLabels()
            for name in ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"] {
                native.set("jigsaw/\(name)", try row.flag(name))
            }
            return native
        }
    }
}
