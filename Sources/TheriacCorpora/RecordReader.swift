import TheriacFiles

/// Reads the rows of a file in any ``TextFormat`` as named JSON values, one at a time.
final class RecordReader {
    /// One row: the value of each wanted field, or what is wrong with the row.
    struct Row {
        /// Line on which the row begins, from 1.
        var line: Int
        /// 0-based line index, for tables row index: the id of a row that has none.
        var index: Int
        var values: [JSONValue?] = []
        var problem: String?
    }

    private enum Layout {
        case objects
        case table(TableReader, columns: [Int?])
        case lines
    }

    private let lines: LineReader
    private let names: [String]
    private let layout: Layout
    private var rows = 0
    private var first: Line?

    /// - Parameters:
    ///   - path: the file, or "-".
    ///   - format: nil to go by the name, and when that says nothing (standard input) by the first line: an
    ///     opening brace means JSON lines, anything else plain text.
    ///   - names: fields or columns wanted; the first must be there in a table. Plain text fills the first
    ///     only.
    /// - Throws: an error when the file cannot be opened, or is a table without the first column.
    init(path: String, format: TextFormat?, names: [String]) throws {
        lines = try LineReader(path: path)
        self.names = names
        var format = format ?? TextFormat(fileName: path)
        if format == nil {
            first = try lines.next()
            let opening = first?.bytes.first { $0 != 0x20 && $0 != 0x09 }
            format = opening == UInt8(ascii: "{") ? .jsonl : .text
        }
        switch format {
        case .csv, .tsv:
            let table = try TableReader(lines, format: format ?? .csv)
            let wanted = try table.index(of: names[0])
            layout = .table(
                table, columns: [wanted] + names.dropFirst().map { table.columns.firstIndex(of: $0) })
        case .jsonl: layout = .objects
        case .text, nil: layout = .lines
        }
    }

    /// The next row, or nil after the last. Blank lines are no rows, except in plain text.
    func next() throws -> Row? {
        switch layout {
        case .lines: try nextLine()
        case .objects: try nextObject()
        case .table(let table, let columns): try nextTableRow(table, columns)
        }
    }

    private func nextLine() throws -> Row? {
        guard let line = try takeFirst() ?? lines.next() else { return nil }
        var row = Row(line: line.number, index: line.number - 1)
        if let text = line.text {
            row.values = [.string(text)] + names.dropFirst().map { _ in nil }
        } else {
            row.problem = "it is not UTF-8 (byte \(line.invalidOffset ?? 0) of the line)"
        }
        return row
    }

    private func nextObject() throws -> Row? {
        if let line = takeFirst() {
            return line.bytes.withUnsafeBytes { object(line.number, $0) }
        }
        while let row = try lines.withNext({ number, bytes in
            bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : object(number, bytes)
        }) {
            if let row { return row }
        }
        return nil
    }

    private func object(_ number: Int, _ bytes: UnsafeRawBufferPointer) -> Row {
        var row = Row(line: number, index: number - 1)
        do {
            row.values = try JSONScanner.members(names, in: bytes)
        } catch {
            row.problem = "it is \(error)"
        }
        return row
    }

    private func nextTableRow(_ table: TableReader, _ columns: [Int?]) throws -> Row? {
        guard let cells = try table.next() else { return nil }
        var row = Row(line: cells.line, index: rows, problem: cells.problem)
        rows += 1
        if row.problem == nil {
            row.values = columns.map { column in column.map { .string(cells.cells[$0]) } }
        }
        return row
    }

    private func takeFirst() -> Line? {
        defer { first = nil }
        return first
    }
}

extension JSONValue {
    /// The id this value gives: a string or number as text; nil for null and for an empty cell.
    /// - Throws: ``IdentifierProblem`` for anything else.
    func identifier() throws(IdentifierProblem) -> String? {
        switch self {
        case .null, .string(""): nil
        case .string(let text): text
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .bool, .array, .object: throw IdentifierProblem()
        }
    }
}

/// An `id` that is neither a string nor a number.
struct IdentifierProblem: Error {
    let reason = "its 'id' is neither a string nor a number"
}
