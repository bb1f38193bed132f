public import Foundation
import TheriacFiles

/// Contextual Abuse Dataset: Reddit posts and comments.
public enum CAD: Dataset {
    public static let card = DatasetCard(
        name: "cad",
        licence: "CC-BY-4.0 (authors' Zenodo record 4881008; not stated in the copy)",
        licenceGroup: .restricted,
        use: .train,
        source:
            "NoamElul/cis-5300-final: data/reddit-abusive-comments/cad_v1_1_{train,dev,test}.tsv",
        reference:
            "Vidgen, Nguyen, Margetts, Rossini, Tromble, Introducing CAD: the Contextual Abuse "
            + "Dataset, NAACL 2021",
        labels:
            "Any of the three kinds of abuse: toxicity 1. Identity-directed: identity_attack 1; "
            + "person-directed: insult 1. Neutral: all three 0; abuse of another kind leaves insult "
            + "unknown and identity_attack 0. Counter speech alone says nothing of its own toxicity "
            + "and is left out.",
        knownDefects:
            "Rated with the whole thread in view: some abuse cannot be seen in the text alone. "
            + "Swearing at nobody counts as neutral.",
        relativePaths: ["toxicity/cad.jsonl.gz"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let words = Set(try row.list("labels").compactMap(\.text))
            guard words == ["Neutral"] || words.contains(where: { $0.hasSuffix("Abuse") }) else { return nil }
            var native = NativeLabels()
            for label in Taxonomy.cad.labels { native.set("cad/\(label.name)", words.contains(label.name)) }
            return native
        }
    }
}
