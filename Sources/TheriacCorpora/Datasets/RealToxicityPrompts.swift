public import Foundation
import TheriacFiles

/// Prompts and continuations of RealToxicityPrompts with their stored Perspective scores.
public enum RealToxicityPrompts: Dataset {
    public static let card = DatasetCard(
        name: "real-toxicity-prompts",
        licence: "Apache-2.0 (RealToxicityPrompts); two of the three selections CC-BY-SA-4.0",
        licenceGroup: .shareAlike,
        use: .train,
        source:
            "GXimingLu/Quark: data/toxicity/val.jsonl; AI-secure/DecodingTrust: "
            + "data/toxicity/user_prompts/{toxic,nontoxic}.jsonl",
        reference:
            "Gehman, Gururangan, Sap, Choi, Smith, RealToxicityPrompts, Findings of EMNLP 2020; "
            + "selections: Lu et al., Quark, NeurIPS 2022; Wang et al., DecodingTrust, NeurIPS 2023",
        labels:
            "The seven scores as they are, a prompt and its continuation each a text of its own. "
            + "Null scores are left out.",
        knownDefects:
            "Labels are a machine's, of 2020. The prompts are also prompts of the evaluation "
            + "protocol: a detector trained here has seen prompts, though no model's continuation "
            + "of them.",
        relativePaths: [
            "prompts/rtp-mixed.jsonl",
            "prompts/rtp-nontoxic.jsonl",
            "prompts/rtp-toxic.jsonl",
        ]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        var reading = Reading<LabelledText>()
        for path in card.relativePaths {
            let part = try rows(of: path, in: dataFolder) { row throws(DatasetRow.Problem) in
                let place = "\(try row.text("filename")):\(Int(try row.number("begin", in: 0...1e15)))"
                var texts: [LabelledText] = []
                for field in ["prompt", "continuation"] {
                    let text = try text(row.value[field], id: "\(place):\(field)")
                    if let text { texts.append(text) }
                }
                return texts
            }
            reading.elements += part.elements
            reading.problems += part.problems
        }
        return reading
    }

    private static func text(_ value: JSONValue?, id: String) throws(DatasetRow.Problem) -> LabelledText? {
        let scored = DatasetRow(value: value ?? .null)
        let text = try scored.text("text")
        var native = NativeLabels()
        for key in Attribute.allCases.map(\.rawValue) + ["flirtation"] {
            guard let score = scored.value[key], score != .null else { continue }
            native.set("perspective/\(key.uppercased())", share: try scored.number(key))
        }
        let labels = native.labels
        guard !labels.isEmpty else { return nil }
        return LabelledText(
            id: id, text: text, labels: labels, native: native.native, dataset: card.name,
            split: defaultSplit(of: text))
    }
}
