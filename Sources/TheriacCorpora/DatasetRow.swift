import Foundation
import TheriacFiles

/// One row of a dataset file, with readers that say which field is wrong.
struct DatasetRow {
    /// Why a row cannot be used.
    struct Problem: Error {
        var reason: String
    }

    let value: JSONValue

    /// A string field.
    func text(_ name: String) throws(Problem) -> String {
        guard let text = value[name]?.text else {
            throw Problem(reason: "the field '\(name)' is not a string")
        }
        return text
    }

    /// A string field that may be absent or null.
    func word(_ name: String) -> String? { value[name]?.text }

    /// A field that is a number in `range`.
    func number(_ name: String, in range: ClosedRange<Double> = 0...1) throws(Problem) -> Double {
        guard let number = value[name]?.double, range.contains(number) else {
            throw Problem(reason: "the field '\(name)' is not a number in \(range)")
        }
        return number
    }

    /// A field that is true or false, or 1 or 0.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch value[name] {
        case .bool(let flag)?: return flag
        case .integer(0)?: return false
        case .integer(1)?: return true
        default: throw Problem(reason: "the field '\(name)' is neither true nor false")
        }
    }

    /// A field that is a list.
    func list(_ name: String) throws(Problem) -> [JSONValue] {
        guard let elements = value[name]?.elements else {
            throw Problem(reason: "the field '\(name)' is not a list")
        }
        return elements
    }
}

extension Dataset {
    /// Reads one labelled text a row: `id`, `text` and, where there is one, `split` as they are; the set's own labels by
    /// `labels`, attributes from the table of taxonomies.
    ///
    /// A row without attributes (nil or empty) is left out. A row without a split belongs to test when the
    /// dataset is for tests only, else to the split its text hashes to.
    ///
    /// `identifier` makes the id when the field `id` alone does not tell rows apart; `spans` reads what raters marked.
    static func rows(
        in dataFolder: URL, identifier: (DatasetRow, String) -> String = { $1 },
        spans: (DatasetRow) throws(DatasetRow.Problem) -> [ToxicSpan]? = { _ in nil },
        labels: (DatasetRow) throws(DatasetRow.Problem) -> NativeLabels?
    ) throws -> Reading<LabelledText> {
        try rows(of: card.relativePath, in: dataFolder) { row throws(DatasetRow.Problem) in
            guard let native = try labels(row) else { return [] }
            let labels = native.labels
            guard !labels.isEmpty else { return [] }
            guard let id = try? row.value["id"]?.identifier() else {
                throw DatasetRow.Problem(reason: "the field 'id' is missing")
            }
            let text = try row.text("text")
            let split = row.word("split").flatMap(Split.init(rawValue:)) ?? defaultSplit(of: text)
            return [
                LabelledText(
                    id: identifier(row, id), text: text, labels: labels, native: native.native,
                    toxicSpans: try spans(row), dataset: card.name, split: split)
            ]
        }
    }

    /// The split of a text whose row names none.
    static func defaultSplit(of text: String) -> Split {
        card.use == .testOnly ? .test : Split(hashOf: text)
    }

    /// Reads the file at `path` under `dataFolder`, JSON lines, with `texts` making the labelled texts of a
    /// row.
    static func rows(
        of path: String, in dataFolder: URL,
        texts: (DatasetRow) throws(DatasetRow.Problem) -> [LabelledText]
    ) throws -> Reading<LabelledText> {
        let lines = try LineReader(path: dataFolder.appendingPathComponent(path).path)
        var reading = Reading<LabelledText>()
        while let result = try lines.withNext({ number, bytes in (number, self.row(bytes)) }) {
            let (number, row) = result
            do throws(DatasetRow.Problem) {
                reading.elements.append(contentsOf: try texts(try row.get()))
            } catch {
                reading.problems.append(LineProblem(line: number, reason: error.reason))
            }
        }
        return reading
    }

    private static func row(_ bytes: UnsafeRawBufferPointer) -> Result<DatasetRow, DatasetRow.Problem> {
        do {
            return .success(DatasetRow(value: try JSONScanner.value(in: bytes)))
        } catch {
            return .failure(DatasetRow.Problem(reason: "it is \(error)"))
        }
    }
}
