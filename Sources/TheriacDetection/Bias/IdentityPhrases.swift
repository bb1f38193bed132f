import TheriacFiles

/// Phrases of ``IdentityTemplates`` files, as an audit needs them.
public struct IdentityPhrases: Sendable {
    public private(set) var texts: [String] = []
    /// Whether a phrase is toxic.
    public private(set) var labels: [Bool] = []
    /// The identity term in it, in lower case.
    public private(set) var terms: [String] = []

    /// Reads files with lines `template,toxic|nontoxic,phrase` or `phrase,BAD|NOT_BAD,template`, plain or `.gz`. Phrases
    /// without a term, and the template `name_adj`, which repeats each adjective for many names, are left out; so are
    /// repeats.
    /// - Throws: an error when a file cannot be read.
    public init(paths: [String]) throws {
        var seen = Set<String>()
        for path in paths {
            let reader = try LineReader(path: path)
            while let line = try reader.next() {
                let fields = (line.text ?? "").split(separator: ",", maxSplits: 2).map(String.init)
                guard fields.count == 3 else { continue }
                let isToxic: Bool
                let isPhraseFirst: Bool
                switch fields[1] {
                case "toxic", "nontoxic": (isToxic, isPhraseFirst) = (fields[1] == "toxic", false)
                case "BAD", "NOT_BAD": (isToxic, isPhraseFirst) = (fields[1] == "BAD", true)
                default: continue
                }
                let phrase = isPhraseFirst ? fields[0] : fields[2]
                let template = isPhraseFirst ? fields[2] : fields[0]
                guard let term = IdentityTemplates.term(of: phrase, template: template),
                    seen.insert(phrase).inserted
                else { continue }
                texts.append(phrase)
                labels.append(isToxic)
                terms.append(term.lowercased())
            }
        }
    }
}
