import TheriacFiles

/// Reads the rows of a CSV (RFC 4180) or TSV (no quoting) file with a header line.
final class TableReader {
    /// One row: its cells, or what is wrong with it.
    struct Row {
        /// Line on which the row begins, from 1.
        var line: Int
        var cells: [String]
        var problem: String?
    }

    /// Names of the columns.
    let columns: [String]
    private let lines: LineReader
    private let hasQuotes: Bool

    init(_ lines: LineReader, format: TextFormat) throws {
        self.lines = lines
        hasQuotes = format == .csv
        guard let header = try Self.row(lines, hasQuotes: hasQuotes), header.problem == nil else {
            throw CorporaError.noHeader(file: lines.path)
        }
        columns = header.cells
    }

    /// Position of `column`, which must be there.
    func index(of column: String) throws -> Int {
        guard let index = columns.firstIndex(of: column) else {
            throw CorporaError.missingColumn(column, file: lines.path, columns: columns)
        }
        return index
    }

    /// The next row that is not an empty line; nil after the last.
    func next() throws -> Row? {
        while var row = try Self.row(lines, hasQuotes: hasQuotes) {
            if row.problem == nil, row.cells == [""], columns.count > 1 { continue }
            if row.problem == nil, row.cells.count != columns.count {
                row.problem = "it has \(row.cells.count) cells, the header \(columns.count)"
            }
            return row
        }
        return nil
    }

    private static func row(_ lines: LineReader, hasQuotes: Bool) throws -> Row? {
        guard let first = try lines.next() else { return nil }
        guard hasQuotes else {
            let cells = first.bytes.split(separator: 0x09, omittingEmptySubsequences: false)
            return text(of: cells.map(Array.init), line: first.number)
        }
        var parser = QuotedRow()
        var bytes = first.bytes
        while true {
            parser.add(bytes)
            guard parser.isInsideQuotes else { break }
            guard let line = try lines.next() else {
                let reason = "a quoted cell that begins here is not closed before the end of the file"
                return Row(line: first.number, cells: [], problem: reason)
            }
            bytes = [0x0A] + line.bytes
        }
        parser.end()
        if let problem = parser.problem { return Row(line: first.number, cells: [], problem: problem) }
        return text(of: parser.cells, line: first.number)
    }

    private static func text(of cells: [[UInt8]], line: Int) -> Row {
        let texts = cells.compactMap { String(validating: $0, as: UTF8.self) }
        guard texts.count == cells.count else {
            return Row(line: line, cells: [], problem: "it is not UTF-8")
        }
        return Row(line: line, cells: texts)
    }
}

/// The cells of one CSV row, fed line by line while a quoted cell runs on.
private struct QuotedRow {
    var cells: [[UInt8]] = []
    var isInsideQuotes = false
    var problem: String?
    private var cell: [UInt8] = []
    private var wasQuoted = false

    mutating func add(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isInsideQuotes {
                if byte != UInt8(ascii: "\"") {
                    cell.append(byte)
                } else if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                    cell.append(byte)
                    index += 1
                } else {
                    isInsideQuotes = false
                }
            } else if byte == UInt8(ascii: ",") {
                end()
            } else if byte == UInt8(ascii: "\""), cell.isEmpty, !wasQuoted {
                isInsideQuotes = true
                wasQuoted = true
            } else {
                if wasQuoted { problem = "there is text behind a closing quote" }
                cell.append(byte)
            }
        }
    }

    mutating func end() {
        cells.append(cell)
        (cell, wasQuoted) = ([], false)
    }
}
