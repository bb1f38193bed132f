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
            let hate = Float(try row.number("hate"))
            var labels: [Attribute: Float] = [.identityAttack: hate, .toxicity: max(hate, 0.15)]
            labels[.threat] = row.value["aspects"]?["violence"]?.double.map(Float.init)
            return labels
        }
    }
}
