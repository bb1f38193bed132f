public import Foundation
import TheriacFiles

/// YouTube and Reddit comments with shares of raters who saw hate speech.
public enum Ethos: Dataset {
    public static let card = DatasetCard(
        name: "ethos",
        licence: "GPL-3.0",
        licenceGroup: .copyleft,
        use: .train,
        source: "intelligence-csd-auth-gr/Ethos-Hate-Speech-Dataset: ethos/ethos_data/*.csv",
        reference:
            "Mollas, Chrysopoulou, Karlos, Tsoumakas, ETHOS: a multi-label hate speech detection "
            + "dataset, Complex & Intelligent Systems 2022",
        labels:
            "identity_attack is the share who saw hate. toxicity is the same share, but at least "
            + "0.15, the share of toxic texts among 40 with little hate read by hand. Where half "
            + "saw hate, threat is the share who saw violence in it.",
        knownDefects: "Small; negatives were chosen to share words with positives.",
        relativePaths: ["toxicity/ethos.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            var native = NativeLabels(["ethos/hate": try row.number("hate")])
            for label in Taxonomy.ethos.labels where label.name != "hate" {
                guard let share = row.value["aspects"]?[label.name]?.double else { continue }
                native.set("ethos/\(label.name)", share: share)
            }
            var labels = native.labels
            labels[.toxicity] = max(labels[.toxicity] ?? 0, 0.15)
            native.attributes = labels
            return native
        }
    }
}
