import TheriacFiles

/// Files of texts to be scored: JSON lines with a field `text`, CSV and TSV with a column of texts, plain
/// text with one text a line; also compressed (`.gz`), and "-" for standard input.
public enum TextFile {
    /// Reads the whole file. Bad lines are reported and the rest goes on.
    /// - Parameters:
    ///   - path: the file, or "-".
    ///   - format: nil to go by the file's name, or for standard input by the first line.
    ///   - column: field or column with the texts; `text` when nil.
    /// - Returns: the texts in order, and the bad lines.
    /// - Throws: an error when the file cannot be opened, breaks off (damaged gzip), or is a table without
    ///   the column.
    public static func read(
        path: String, format: TextFormat? = nil, column: String? = nil
    ) throws -> Reading<TextRecord> {
        let reader = try TextReader(path: path, format: format, column: column)
        var reading = Reading<TextRecord>()
        while let entry = try reader.next() { reading.add(entry) }
        return reading
    }
}

/// Reads a file of texts one at a time, so that it may be larger than memory, or never end.
public final class TextReader {
    private let rows: RecordReader
    private let column: String

    /// Parameters and errors as in ``TextFile/read(path:format:column:)``.
    public init(path: String, format: TextFormat? = nil, column: String? = nil) throws {
        self.column = column ?? "text"
        rows = try RecordReader(path: path, format: format, names: [self.column, "id"])
    }

    /// The next text or problem; nil after the last.
    public func next() throws -> Entry<TextRecord>? {
        guard let row = try rows.next() else { return nil }
        if let problem = row.problem { return .problem(LineProblem(line: row.line, reason: problem)) }
        guard let value = row.values[0] else {
            return .problem(LineProblem(line: row.line, reason: "there is no field '\(column)'"))
        }
        guard let text = value.text else {
            return .problem(LineProblem(line: row.line, reason: "the field '\(column)' is not a string"))
        }
        do throws(IdentifierProblem) {
            return .element(TextRecord(id: try row.values[1]?.identifier() ?? "\(row.index)", text: text))
        } catch {
            return .problem(LineProblem(line: row.line, reason: error.reason))
        }
    }
}
