public import Foundation
import TheriacFiles

/// Toxic sentences beside neutral rewrites by people, and sentences that people found beyond rewriting.
public enum ParaDetox: Dataset {
    public static let card = DatasetCard(
        name: "paradetox",
        licence: "CC0-1.0 (repository licence file)",
        licenceGroup: .open,
        use: .train,
        source: "s-nlp/paradetox: paradetox/paradetox.tsv, paradetox/paradetox_cannot_rewrite.tsv",
        reference: "Logacheva et al., ParaDetox: Detoxification with Parallel Data, ACL 2022",
        labels:
            "toxicity: 0.9 for a sentence that was rewritten, 0.05 for its rewrites, 0.95 for one that cannot be "
            + "rewritten because its meaning is toxic, 0.1 for one that needs no rewriting; sentences found unclear, or "
            + "with several reasons, are left out.",
        knownDefects:
            "Which sentences are toxic was settled by a classifier first, so some are only blunt; a rewrite may keep a "
            + "rude meaning in polite words. Mostly lower case, tokenised.",
        relativePaths: ["parallel/paradetox.tsv", "parallel/paradetox-cannot-rewrite.tsv"]
    )

    private static let columns = ["toxic", "neutral1", "neutral2", "neutral3"]
    private static let reasons: Set = ["toxic_content", "not_toxic"]

    /// A sentence and its rewrites share a split.
    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        var reading = Reading<LabelledText>()
        try table(0, columns, in: dataFolder, &reading) { row, cells throws(DatasetRow.Problem) in
            let split = defaultSplit(of: cells[0])
            var texts: [LabelledText] = []
            for (column, text) in zip(columns, cells) where !text.isEmpty {
                let label = column == "toxic" ? "toxic" : "neutral"
                texts.append(try labelled("\(row)-\(column)", text, label, split))
            }
            return texts
        }
        try table(1, ["text", "reasons"], in: dataFolder, &reading) { row, cells throws(DatasetRow.Problem) in
            guard reasons.contains(cells[1]) else { return [] }
            return [try labelled("single-\(row)", cells[0], cells[1], defaultSplit(of: cells[0]))]
        }
        return reading
    }

    private static func labelled(
        _ id: String, _ text: String, _ label: String, _ split: Split
    ) throws(DatasetRow.Problem) -> LabelledText {
        let labels = try NativeLabels.choosing("\(card.name)/\(label)")
        return LabelledText(
            id: id, text: text, labels: labels.labels, native: labels.native, dataset: card.name, split: split
        )
    }

    private static func table(
        _ file: Int, _ columns: [String], in dataFolder: URL, _ reading: inout Reading<LabelledText>,
        texts: (Int, [String]) throws(DatasetRow.Problem) -> [LabelledText]
    ) throws {
        let path = dataFolder.appendingPathComponent(card.relativePaths[file]).path
        let rows = try RecordReader(path: path, format: .tsv, names: columns)
        while let row = try rows.next() {
            let cells = row.values.map { $0?.text ?? "" }
            do throws(DatasetRow.Problem) {
                if let problem = row.problem { throw DatasetRow.Problem(reason: problem) }
                guard !cells[0].isEmpty else { continue }  // two rows of the source are blank
                reading.elements += try texts(row.index, cells)
            } catch {
                reading.problems.append(LineProblem(line: row.line, reason: error.reason))
            }
        }
    }
}
