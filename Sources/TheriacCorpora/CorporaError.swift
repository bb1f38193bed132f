/// What makes a whole file unusable. Single bad lines are ``LineProblem``s instead.
public enum CorporaError: Error, Equatable, CustomStringConvertible {
    /// A table without the column that holds the texts.
    case missingColumn(String, file: String, columns: [String])
    /// A table without a header line.
    case noHeader(file: String)
    /// A corpus and its index that do not belong together.
    case indexMismatch(corpus: String, documents: Int, index: String, sources: Int)
    /// A name that no taxonomy has.
    case unknownTaxonomy(String, known: [String])

    public var description: String {
        switch self {
        case .missingColumn(let column, let file, let columns):
            "'\(file)' has no column '\(column)'. Its columns: \(columns.joined(separator: ", "))."
        case .noHeader(let file):
            "'\(file)' is empty; a table needs a header line with the names of its columns."
        case .indexMismatch(let corpus, let documents, let index, let sources):
            "'\(corpus)' has \(documents) documents, but '\(index)' names \(sources) sources. "
                + "Do they belong together?"
        case .unknownTaxonomy(let name, let known):
            "There is no taxonomy '\(name)'. Known: \(known.joined(separator: ", "))."
        }
    }
}
