public import Foundation

/// Tweets that are or are not hateful against women or immigrants.
public enum TweetEvalHate: Dataset {
    public static let card = DatasetCard(
        name: "tweeteval-hate",
        licence: "none stated (research use); X/Twitter terms",
        licenceGroup: .restricted,
        use: .train,
        source: "cardiffnlp/tweeteval: datasets/hate",
        reference:
            "Basile et al., SemEval-2019 Task 5, 2019; Barbieri et al., TweetEval, Findings of "
            + "EMNLP 2020",
        labels:
            "Hateful: toxicity 1 and identity_attack 1. Not hateful: toxicity 0.3 and "
            + "identity_attack 0.1, the shares among 40 of them read by hand, because hate against "
            + "others and plain abuse count as not hateful.",
        knownDefects:
            "Gathered by keywords; the test split differs from the training split; hashtags give "
            + "the label away.",
        relativePaths: ["toxicity/tweeteval-hate.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            try .choosing(row.flag("hate") ? "hateval/hateful" : "hateval/not-hateful")
        }
    }
}
