public import Foundation
import TheriacFiles

/// Machine-written statements about groups, rated by people who agreed.
public enum ToxiGenAnnotated: Dataset {
    public static let card = DatasetCard(
        name: "toxigen-annotated",
        licence: "MIT and CDLA-Permissive-2.0",
        licenceGroup: .open,
        use: .train,
        source: "microsoft/SafeNLP: data/toxiGen.json",
        reference:
            "Hartvigsen et al., ToxiGen, ACL 2022; Hosseini, Palangi, Awadallah, TrustNLP 2023",
        labels:
            "toxicity = (toxicity_score - 1) / 4, the mean of the raters on a scale of 1 to 5; "
            + "identity_attack is 1 for hate, 0 for neutral.",
        knownDefects:
            "Written by GPT-3: mostly implicit, lower-case, without swear words. Only texts on "
            + "which raters agree.",
        relativePaths: ["toxicity/toxigen-annotated.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            var native = NativeLabels()
            native.set("toxigen/toxicity", share: (try row.number("toxicity_score", in: 1...5) - 1) / 4)
            native.set("toxigen/hate", try row.text("label") == "hate")
            let named = row.value["target_groups"]?.elements?.compactMap(\.text) ?? []
            for target in targets { native.set("toxigen/target/\(target)", named.contains(target)) }
            return native
        }
    }

    private static let targets = Taxonomy.toxigen.labels.compactMap { label in
        label.name.hasPrefix("target/") ? String(label.name.dropFirst("target/".count)) : nil
    }
}
