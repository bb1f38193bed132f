public import Foundation
import TheriacFiles

/// Sentences of a white-supremacist forum.
public enum Stormfront: Dataset {
    public static let card = DatasetCard(
        name: "stormfront",
        licence: "CC-BY-SA-3.0-ES",
        licenceGroup: .shareAlike,
        use: .train,
        source: "Vicomtech/hate-speech-dataset: annotations_metadata.csv, all_files/",
        reference:
            "de Gibert, Perez, Garcia-Pablos, Cuadros, Hate Speech Dataset from a White Supremacy "
            + "Forum, ALW2 2018",
        labels:
            "hate: toxicity 1 and identity_attack 1; noHate: 0.1 each, the shares among 40 of "
            + "them read by hand. \"relation\" (hateful only beside other sentences) and \"idk/skip\" "
            + "say nothing of the sentence and are left out.",
        knownDefects:
            "Single sentences out of longer posts, rated by people who could see more. Topic and "
            + "label go together.",
        relativePaths: ["toxicity/stormfront.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            switch try row.text("label") {
            case "hate": return try .choosing("stormfront/hate")
            case "noHate": return try .choosing("stormfront/noHate")
            default: return nil
            }
        }
    }
}
