public import Foundation
import TheriacFiles

/// SemEval-2023 Task 10: explainable detection of online sexism, on Reddit and Gab.
public enum EDOS: Dataset {
    public static let card = DatasetCard(
        name: "edos",
        licence: "CC0-1.0",
        licenceGroup: .open,
        use: .train,
        source: "rewire-online/edos: data/edos_labelled_aggregated.csv",
        reference:
            "Kirk, Yin, Vidgen, Rottger, SemEval-2023 Task 10: Explainable Detection of Online "
            + "Sexism",
        labels:
            "Sexist posts: identity_attack 1; toxicity 1 for threats, 0.9 for derogation, 0.7 for "
            + "animosity and prejudiced discussion; threat 1 for the category threats, else 0; "
            + "insult 1 for the vectors \"aggressive and emotive attacks\" and \"slurs, profanities, "
            + "and insults\". Posts that are not sexist: toxicity 0.3 and identity_attack 0.1, the "
            + "shares among 40 of them read by hand, because \"not sexist\" is not \"not toxic\".",
        knownDefects:
            "Only sexism was asked for. Communities known for misogyny. The soft labels of "
            + "negatives are priors, not judgements of the single post.",
        relativePaths: ["toxicity/edos.jsonl.gz"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            guard try row.flag("sexist") else { return try .choosing("edos/not-sexist") }
            let category = try row.text("category").prefix(1)
            let vector = try row.text("vector").prefix(3)
            return try .choosing("edos/sexist", "edos/\(category)", "edos/\(vector)")
        }
    }
}
