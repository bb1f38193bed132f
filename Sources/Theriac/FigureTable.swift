/// A table of figures, for a terminal or as Markdown.
public struct FigureTable: Sendable, Equatable {
    /// One heading a column.
    public var columns: [String]
    /// How many columns from the left hold words; the others hold figures and stand to the right.
    public var wordColumns: Int
    public var rows: [[String]]

    public init(_ columns: [String], wordColumns: Int = 1, rows: [[String]] = []) {
        self.columns = columns
        self.wordColumns = wordColumns
        self.rows = rows
    }

    /// Columns with two blanks between them, no blanks at line ends.
    public var text: String {
        let all = [columns] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let room = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (column < wordColumns ? cell + room : room + cell)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    public var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        let rule = columns.indices.map { $0 < wordColumns ? "---" : "--:" }
        return line(columns) + "|" + rule.joined(separator: "|") + "|\n" + rows.map(line).joined()
    }
}
