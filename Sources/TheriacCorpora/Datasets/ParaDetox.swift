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
    private static let reasons: [String: Float] = ["toxic_content": 0.95, "not_toxic": 0.1]

    /// A sentence and its rewrites share a split.
    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        var reading = Reading<LabelledText>()
        try table(0, columns, in: dataFolder, &reading) { row, cells in
            let split = defaultSplit(of: cells[0])
            return zip(columns, cells).filter { !$1.isEmpty }.map { column, text in
                LabelledText(
                    id: "\(row)-\(column)", text: text, labels: [.toxicity: column == "toxic" ? 0.9 : 0.05],
                    dataset: card.name, split: split)
            }
        }
        try table(1, ["text", "reasons"], in: dataFolder, &reading) { row, cells in
            guard let toxicity = reasons[cells[1]] else { return [] }
            return [
                LabelledText(
                    id: "single-\(row)", text: cells[0], labels: [.toxicity: toxicity], dataset: card.name,
                    split: defaultSplit(of: cells[0]))
            ]
        }
        return reading
    }

    private static func table(
        _ file: Int, _ columns: [String], in dataFolder: URL, _ reading: inout Reading<LabelledText>,
        texts: (Int, [String]) -> [LabelledText]
    ) throws {
        let path = dataFolder.appendingPathComponent(card.relativePaths[file]).path
        let rows = try RecordReader(path: path, format: .tsv, names: columns)
        while let row = try rows.next() {
            let cells = row.values.map { $0?.text ?? "" }
            if let problem = row.problem {
                reading.problems.append(LineProblem(line: row.line, reason: problem))
            } else if cells.count == columns.count, !cells[0].isEmpty {
                reading.elements += texts(row.index, cells)
            } else {
                reading.problems.append(LineProblem(line: row.line, reason: "it has no text"))
            }
        }
    }
}
