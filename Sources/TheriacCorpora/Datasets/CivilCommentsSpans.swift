public import Foundation
import TheriacFiles

/// Civil Comments posts with the toxic spans that several raters marked.
public enum CivilCommentsSpans: Dataset {
    public static let card = DatasetCard(
        name: "civil-comments-spans",
        licence: "CC0-1.0",
        licenceGroup: .open,
        use: .train,
        source: "ipavlopoulos/toxic_spans: data/comments.csv, annotations.csv, spans.csv",
        reference:
            "Pavlopoulos et al., From the Detection of Toxic Spans in Online Discussions to the "
            + "Analysis of Toxic-to-Civil Transfer, ACL 2022; Borkan et al., WWW 2019 Companion",
        labels:
            "toxicity is the mean over raters of: 1 when the rater marked spans; 0.5 when the "
            + "rater ticked \"all toxic\" without marking anything, or contradicted marked spans by "
            + "ticking \"not toxic\"; 0 when the rater did neither. insult, profanity, threat and "
            + "identity_attack are the shares of the marking raters who used that type, where at "
            + "least two raters marked spans. toxicSpans cover what anyone marked, each stretch with "
            + "the share of the raters who marked it.",
        knownDefects:
            "Chosen from comments that half of their first raters called toxic: there are hardly "
            + "any nontoxic ones. \"All toxic\" counts half because raters also ticked it for "
            + "comments without an offensive word: among comments that all raters ticked, 39 % hold "
            + "a common insult or swear word, against 67 % of those that nobody ticked. All 729 "
            + "\"not toxic\" ticks stand beside marked spans. A rater gives a span one type, so "
            + "profanity is under-reported beside insult. Holds every comment of "
            + "semeval-toxic-spans.",
        relativePaths: ["toxicity/civil-comments-spans.jsonl.gz"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder, spans: spans) { row throws(DatasetRow.Problem) in
            let raters = try row.list("annotations")
            guard !raters.isEmpty else { return nil }
            var native = NativeLabels()
            let toxicity = raters.map(toxicity).reduce(0, +) / Float(raters.count)
            native.set("jigsaw/toxicity", share: Double(toxicity))
            let marking = raters.map(types).filter { !$0.isEmpty }
            guard marking.count >= 2 else { return native }
            for (label, prefix) in prefixes {
                let count = marking.count { types in types.contains { $0.hasPrefix(prefix) } }
                native.set(label, share: Double(Float(count) / Float(marking.count)))
            }
            return native
        }
    }

    /// Beginnings of the span types; a few types are cut short in the source.
    private static let prefixes: [(String, String)] = [
        ("jigsaw/insult", "Insu"), ("jigsaw/obscene", "Profane"), ("jigsaw/threat", "Threat"),
        ("jigsaw/identity_attack", "Identity"),
    ]

    /// How toxic one rater found the comment.
    private static func toxicity(_ rater: JSONValue) -> Float {
        switch (types(rater).isEmpty, rater["flag"]?.text) {
        case (false, "not_toxic"): 0.5
        case (false, _): 1
        case (true, "all_toxic"): 0.5
        case (true, _): 0
        }
    }

    /// Types of the spans one rater marked.
    private static func types(_ rater: JSONValue) -> [String] {
        (rater["spans"]?.elements ?? []).compactMap { $0["type"]?.text }
    }

    /// What each rater marked; nil when a mark has no place.
    private static func spans(_ row: DatasetRow) throws(DatasetRow.Problem) -> [ToxicSpan]? {
        let raters = try row.list("annotations")
        var marks = SpanMarks(of: try row.text("text"))
        for rater in raters {
            var marked = marks.blank
            for span in rater["spans"]?.elements ?? [] {
                guard marked.add(1, from: span["start"], to: span["end"]) else { return nil }
            }
            marks.addWhereMarked(marked)
        }
        return marks.spans(raters: raters.count)
    }
}
