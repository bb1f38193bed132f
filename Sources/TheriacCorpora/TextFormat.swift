/// Layouts of a file of texts.
public enum TextFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, with the text in the field `text`.
    case jsonl
    /// Cells between commas, RFC 4180 quoting, a header line.
    case csv
    /// Cells between tabs, no quoting, a header line.
    case tsv
    /// One text a line.
    case text

    /// The layout that the file's name promises (`.gz` is looked through), or nil.
    public init?(fileName: String) {
        var name = fileName[...]
        if name.hasSuffix(".gz") { name = name.dropLast(3) }
        switch name.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
        case "jsonl", "ndjson", "json": self = .jsonl
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        case "txt", "text": self = .text
        default: return nil
        }
    }
}
