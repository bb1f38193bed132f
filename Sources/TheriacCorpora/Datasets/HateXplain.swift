public import Foundation
import TheriacFiles

/// Twitter and Gab posts labelled normal, offensive or hate speech.
public enum HateXplain: Dataset {
    public static let card = DatasetCard(
        name: "hatexplain",
        licence: "MIT (HateXplain); compiled copy GPL-3.0 repository",
        licenceGroup: .copyleft,
        use: .train,
        source:
            "Media-Bias-Group/MBIB: datasets/092_HateXplain; hate-alert/HateXplain: "
            + "Data/post_id_divisions.json; shivam0109/CS4NLP-HateXplain",
        reference: "Mathew, Saha, Yimam, Biemann, Goyal, Mukherjee, HateXplain, AAAI 2021",
        labels:
            "toxicity is the share of raters who said offensive or hate speech, identity_attack "
            + "the share who said hate speech. Training posts carry the majority only; they get the "
            + "mean shares of that majority in the other splits (toxicity 0.96, 0.87, 0.11 and "
            + "identity_attack 0.83, 0.10, 0.03 for hate speech, offensive, normal). Undecided "
            + "posts had one vote each: 2/3 and 1/3. toxicSpans, of valid and test only, are the raters' "
            + "rationales, each stretch with the share of the raters who marked it.",
        knownDefects:
            "Tokenised and lower-cased text. Gathered by slur lexicons. Raters disagree often.",
        relativePaths: ["toxicity/hatexplain.jsonl.gz"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder, spans: spans) { row throws(DatasetRow.Problem) in
            guard let raters = row.value["annotators"]?.elements, !raters.isEmpty else {
                return try majority(row.text("label"))
            }
            let words = raters.compactMap { $0["label"]?.text }
            guard !words.isEmpty else { return nil }
            var native = NativeLabels()
            for name in ["hatespeech", "offensive", "normal"] {
                native.set(
                    "hatexplain/\(name)", share: Double(words.count { $0 == name }) / Double(words.count))
            }
            for target in targets {
                let count = raters.count { ($0["target"]?.elements ?? []).contains(.string(target)) }
                native.set("hatexplain/target/\(target)", share: Double(count) / Double(raters.count))
            }
            return native
        }
    }

    /// The shares of a post of which only the majority is known: the means of such posts.
    private static func majority(_ label: String) throws(DatasetRow.Problem) -> NativeLabels {
        let (hate, offensive): (Double, Double)
        switch label {
        case "hatespeech": (hate, offensive) = (0.83, 0.13)
        case "offensive": (hate, offensive) = (0.10, 0.77)
        case "normal": (hate, offensive) = (0.03, 0.08)
        case "undecided": (hate, offensive) = (1.0 / 3, 1.0 / 3)
        default: throw DatasetRow.Problem(reason: "its label is unknown")
        }
        return NativeLabels([
            "hatexplain/hatespeech": hate, "hatexplain/offensive": offensive,
            "hatexplain/normal": 1 - hate - offensive,
        ])
    }

    private static let targets = Taxonomy.hatexplain.labels.compactMap { label in
        label.name.hasPrefix("target/") ? String(label.name.dropFirst("target/".count)) : nil
    }

    /// The rationales: 0 or 1 for each word between single blanks; nil for a post without them.
    private static func spans(_ row: DatasetRow) throws(DatasetRow.Problem) -> [ToxicSpan]? {
        guard let raters = row.value["annotators"]?.elements, !raters.isEmpty,
            let rationales = row.value["rationales"]?.elements, rationales.count <= raters.count
        else { return nil }
        let text = try row.text("text")
        let words = text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map(\.count)
        var marks = SpanMarks(of: text)
        for rationale in rationales {
            guard let flags = rationale.elements, flags.count == words.count else { return nil }
            var marked = marks.blank
            var start = 0
            var previous = false
            for (count, flag) in zip(words, flags) {
                let isMarked = flag == .integer(1)
                // The blank between two marked words is marked as well.
                if isMarked { marked.add(1, in: (previous ? start - 1 : start)..<(start + count)) }
                previous = isMarked
                start += count + 1
            }
            marks.addWhereMarked(marked)
        }
        return marks.spans(raters: raters.count)
    }
}
