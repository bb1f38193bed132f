public import Foundation

/// Wikipedia talk comments with a human label and a Perspective score.
public enum WikipediaContextLarge: Dataset {
    public static let card = DatasetCard(
        name: "wikipedia-context-large",
        licence: "Apache-2.0 repository; comment text CC-BY-SA-3.0 (Wikipedia)",
        licenceGroup: .shareAlike,
        use: .train,
        source: "ipavlopoulos/context_toxicity: data/CAT_LARGE/gn.csv, gc.csv",
        reference:
            "Pavlopoulos, Sorensen, Dixon, Thain, Androutsopoulos, Toxicity Detection: Does "
            + "Context Really Matter?, ACL 2020",
        labels:
            "toxicity = (2 * human label + Perspective score) / 3. The human label alone decides "
            + "on which side of 0.5 a comment falls; the score says how clearly.",
        knownDefects:
            "Under 2 % are toxic. Rows with a parent were rated with it in view: some are toxic "
            + "only as answers. Half of the comments that people called toxic score under 0.47.",
        relativePaths: ["toxicity/wikipedia-context-large.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let human = try row.flag("toxic") ? 1.0 : 0.0
            let score = try row.number("score")
            return NativeLabels(
                ["jigsaw/toxic": human, "perspective/TOXICITY": score],
                attributes: [.toxicity: Float((2 * human + score) / 3)])
        }
    }
}
