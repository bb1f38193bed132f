public import Foundation

/// Wikipedia talk comments as written and with identity terms swapped.
public enum WikipediaFuzzed: Dataset {
    public static let card = DatasetCard(
        name: "wikipedia-fuzzed",
        licence: "CC-BY-4.0; comment text CC-BY-SA-3.0 (Wikipedia)",
        licenceGroup: .shareAlike,
        use: .testOnly,
        source:
            "conversationai/unintended-ml-bias-analysis: "
            + "archive/unintended_ml_bias/eval_datasets/toxicity_{fuzzed,nonfuzzed}_testset.csv",
        reference:
            "Dixon, Li, Sorensen, Thain, Vasserman, Measuring and Mitigating Unintended Bias in "
            + "Text Classification, AIES 2018",
        labels:
            "toxicity is the yes/no label. Ids of swapped comments end in \":fuzzed\"; the two of a "
            + "pair share the rest.",
        knownDefects: "Swapped texts do not always make sense. Identity terms are those of 2018.",
        relativePaths: ["toxicity/wikipedia-fuzzed.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(
            in: dataFolder,
            identifier: { row, id in
                (try? row.flag("fuzzed")) == true ? "\(id):fuzzed" : id
            }
        ) { row throws(DatasetRow.Problem) in
            NativeLabels(["jigsaw/toxic": try row.flag("toxic") ? 1 : 0])
        }
    }
}
