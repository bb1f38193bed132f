public import Foundation

/// Adversarially written posts with emoji.
public enum HatemojiBuild: Dataset {
    public static let card = DatasetCard(
        name: "hatemoji-build",
        licence: "CC-BY-4.0",
        licenceGroup: .open,
        use: .train,
        source: "HannahKirk/Hatemoji: HatemojiBuild/*.csv",
        reference: "Kirk, Vidgen, Rottger, Thrush, Hale, Hatemoji, NAACL 2022",
        labels:
            "Hateful posts: toxicity 1, identity_attack 1, threat 1 for the type threatening "
            + "language, else 0. Other posts: identity_attack 0, threat 0, toxicity 0.2, the share "
            + "among 40 of them read by hand.",
        knownDefects:
            "Written to fool a classifier, in pairs with minimal changes; unlike what people "
            + "post. Abuse of people outside protected groups counts as not hateful.",
        relativePaths: ["toxicity/hatemoji-build.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            guard try row.flag("hate") else { return try .choosing("hatemoji/nothate") }
            return try .choosing("hatemoji/hate", "hatemoji/\(row.text("type"))")
        }
    }
}
