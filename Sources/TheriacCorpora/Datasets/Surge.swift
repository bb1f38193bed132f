public import Foundation

/// Social-media comments, half of them toxic.
public enum Surge: Dataset {
    public static let card = DatasetCard(
        name: "surge",
        licence: "MIT",
        licenceGroup: .open,
        use: .train,
        source: "surge-ai/toxicity: toxicity_en.csv",
        reference: "Surge AI, Toxicity dataset, 2022",
        labels: "toxicity is the yes/no label.",
        knownDefects: "Small; how many raters saw a comment is not stated.",
        relativePaths: ["toxicity/surge.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            NativeLabels(["surge/toxic": try row.flag("toxic") ? 1 : 0])
        }
    }
}
