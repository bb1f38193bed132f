public import Foundation
import TheriacFiles

/// OffensEval-2019 training tweets.
public enum OLID: Dataset {
    public static let card = DatasetCard(
        name: "olid",
        licence: "none stated (research use); X/Twitter terms",
        licenceGroup: .restricted,
        use: .train,
        source:
            "idontflow/OLID: olid-training-v1.0.tsv; cardiffnlp/tweeteval: datasets/offensive "
            + "(for the split)",
        reference:
            "Zampieri et al., Predicting the Type and Target of Offensive Posts in Social Media, "
            + "NAACL 2019; split: Barbieri et al., TweetEval, Findings of EMNLP 2020",
        labels:
            "OFF: toxicity 1; targeted ones (TIN) insult 1; untargeted ones (UNT), which are "
            + "swearing, insult 0 and profanity 1. NOT, defined as neither offence nor profanity: "
            + "toxicity, insult and profanity 0.",
        knownDefects:
            "Gathered by political keywords. One label from two or three raters. Mild offence is "
            + "common in OFF.",
        relativePaths: ["toxicity/olid.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            guard try row.text("subtask_a") == "OFF" else { return try .choosing("olid/NOT") }
            var native = try NativeLabels.choosing("olid/OFF")
            guard let second = row.word("subtask_b"), second != "NULL" else { return native }
            try native.choose("olid/\(second)")
            guard second == "TIN", let third = row.word("subtask_c"), third != "NULL" else { return native }
            try native.choose("olid/\(third)")
            return native
        }
    }
}
