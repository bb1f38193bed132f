import TheriacFiles

/// A text file of documents separated by blank lines (empty, or only blanks and tabs), plain or `.gz`, with
/// an optional index that names the source of each document.
public struct CorpusFile: Sendable {
    /// One document.
    public struct Document: Sendable, Equatable {
        /// Position in the file, from 0.
        public var index: Int
        /// Line on which it begins, from 1.
        public var line: Int
        /// Its lines, joined by `\n`, without a line end at the end.
        public var text: String
        /// What the index says of it; nil without an index.
        public var source: String?

        public init(index: Int, line: Int, text: String, source: String?) {
            self.index = index
            self.line = line
            self.text = text
            self.source = source
        }
    }

    private let path: String
    private let indexPath: String?

    /// - Parameters:
    ///   - path: the file; "-" for standard input.
    ///   - index: a TSV file with a column `source` and one row a document, plain or `.gz`.
    public init(path: String, index: String? = nil) {
        self.path = path
        indexPath = index
    }

    /// Calls `body` with each document in order, holding one at a time.
    /// - Returns: documents left out because a line of theirs is not UTF-8. They still count for the index.
    /// - Throws: what `body` throws; an error when a file cannot be read, or the index has more or fewer rows
    ///   than there are documents.
    @discardableResult
    public func forEachDocument(_ body: (Document) throws -> Void) throws -> [LineProblem] {
        let sources = try indexPath.map { try SourceIndex(path: $0) }
        let lines = try LineReader(path: path)
        var problems: [LineProblem] = []
        var index = 0
        while let (line, bytes) = try nextDocument(lines) {
            let source = try sources?.next()
            guard sources == nil || source != nil else {
                throw try mismatch(lines, documentsSoFar: index + 1, sources: index)
            }
            if let text = String(validating: bytes, as: UTF8.self) {
                try body(Document(index: index, line: line, text: text, source: source))
            } else {
                problems.append(LineProblem(line: line, reason: "the document that begins here is not UTF-8"))
            }
            index += 1
        }
        if let sources, try sources.next() != nil {
            var count = index + 1
            while try sources.next() != nil { count += 1 }
            throw CorporaError.indexMismatch(
                corpus: path, documents: index, index: indexPath ?? "", sources: count)
        }
        return problems
    }

    /// The next document's first line and bytes; nil after the last.
    private func nextDocument(_ lines: LineReader) throws -> (line: Int, bytes: [UInt8])? {
        var start = 0
        var bytes: [UInt8] = []
        while let isBlank = try lines.withNext({ number, line in
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return true }
            if start == 0 { start = number } else { bytes.append(0x0A) }
            bytes.append(contentsOf: line)
            return false
        }) {
            if isBlank, start > 0 { break }
        }
        return start > 0 ? (start, bytes) : nil
    }

    private func mismatch(_ lines: LineReader, documentsSoFar: Int, sources: Int) throws -> CorporaError {
        var documents = documentsSoFar
        while try nextDocument(lines) != nil { documents += 1 }
        return .indexMismatch(corpus: path, documents: documents, index: indexPath ?? "", sources: sources)
    }
}

/// The column `source` of an index file.
private final class SourceIndex {
    private let table: TableReader
    private let column: Int

    init(path: String) throws {
        table = try TableReader(try LineReader(path: path), format: .tsv)
        column = try table.index(of: "source")
    }

    func next() throws -> String? {
        guard let row = try table.next() else { return nil }
        return row.problem == nil ? row.cells[column] : ""
    }
}
