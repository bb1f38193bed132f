public import Foundation
import TheriacFiles

/// Wikipedia talk comments, each rated with and without the comment it answers.
public enum WikipediaContextSmall: Dataset {
    public static let card = DatasetCard(
        name: "wikipedia-context-small",
        licence: "Apache-2.0 repository; comment text CC-BY-SA-3.0 (Wikipedia)",
        licenceGroup: .shareAlike,
        use: .train,
        source: "ipavlopoulos/context_toxicity: data/CAT_SMALL/cat_small.csv",
        reference:
            "Pavlopoulos, Sorensen, Dixon, Thain, Androutsopoulos, Toxicity Detection: Does "
            + "Context Really Matter?, ACL 2020",
        labels:
            "toxicity is the mean vote (0, 0.5 or 1) of the raters who saw the comment alone, as "
            + "a detector does.",
        knownDefects:
            "Three raters at most. Raters who saw the parent comment disagree on 15 % of the "
            + "comments.",
        relativePaths: ["toxicity/wikipedia-context-small.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let votes = try row.list("votes_without_context").compactMap(\.double)
            guard !votes.isEmpty, votes.allSatisfy((0...1).contains) else {
                throw DatasetRow.Problem(reason: "there are no votes in 0...1")
            }
            return NativeLabels(["jigsaw/toxic": votes.reduce(0, +) / Double(votes.count)])
        }
    }
}
