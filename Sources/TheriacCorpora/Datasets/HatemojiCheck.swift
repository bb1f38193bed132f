public import Foundation

/// Functional tests of emoji-based hate.
public enum HatemojiCheck: Dataset {
    public static let card = DatasetCard(
        name: "hatemoji-check",
        licence: "CC-BY-4.0",
        licenceGroup: .open,
        use: .testOnly,
        source: "HannahKirk/Hatemoji: HatemojiCheck/test.csv",
        reference: "Kirk, Vidgen, Rottger, Thrush, Hale, Hatemoji, NAACL 2022",
        labels:
            "Hateful: toxicity 1 and identity_attack 1; not hateful: identity_attack 0 and "
            + "toxicity 0 (the templates of these are polite).",
        knownDefects: "Templates; for finding weaknesses, not for a single figure of quality.",
        relativePaths: ["toxicity/hatemoji-check.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            try .choosing(row.flag("hate") ? "hatemoji-check/hate" : "hatemoji-check/nothate")
        }
    }
}
