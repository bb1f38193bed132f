public import Foundation
import TheriacFiles

/// SemEval-2021 Task 5: comments with their toxic spans.
public enum SemEvalToxicSpans: Dataset {
    public static let card = DatasetCard(
        name: "semeval-toxic-spans",
        licence: "CC0-1.0",
        licenceGroup: .open,
        use: .train,
        source: "ipavlopoulos/toxic_spans: SemEval2021/data/tsd_train.csv, tsd_trial.csv",
        reference:
            "Pavlopoulos, Sorensen, Laugier, Androutsopoulos, SemEval-2021 Task 5: Toxic Spans "
            + "Detection",
        labels:
            "toxicity is 1 when a span was agreed on, 0.5 when none was: half of the first raters "
            + "called every comment toxic, and no span means only that raters did not agree on one. "
            + "toxicSpans are the agreed spans, each with share 1.",
        knownDefects:
            "Nearly all comments are toxic, so the set says nothing of false alarms. The same "
            + "comments are in civil-comments-spans, which keeps each rater; use one of the two.",
        relativePaths: ["toxicity/semeval-toxic-spans.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder, spans: spans) { row throws(DatasetRow.Problem) in
            NativeLabels(["jigsaw/toxicity": try row.list("ranges").isEmpty ? 0.5 : 1])
        }
    }

    private static func spans(_ row: DatasetRow) throws(DatasetRow.Problem) -> [ToxicSpan]? {
        var marks = SpanMarks(of: try row.text("text"))
        for range in try row.list("ranges") {
            guard let ends = range.elements, ends.count == 2,
                marks.add(1, from: ends[0], to: ends[1])
            else { throw DatasetRow.Problem(reason: "a range lies outside the text") }
        }
        return marks.spans(raters: 1)
    }
}
