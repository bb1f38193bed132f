internal import Foundation
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacEvaluation
internal import TheriacFiles

/// Nontoxic texts, each with the groups it belongs to: what fluency by group is measured on.
struct GroupedTexts {
    let identity: ContentIdentity
    /// How the groups were found, for readers.
    let grouping: String
    let texts: [String]
    let groups: [[String]]

    /// Plain text is taken by lines (a paragraph, a turn or a post each). JSON lines and tables may name groups in a field
    /// `groups`, such as the dialects of a corpus that has them; where no text does, groups are those whose names occur
    /// (``IdentityTerms``). Texts labelled toxic are left out; without a label the judge says which those are.
    ///
    /// - Parameters:
    ///   - source: a file, or a public data set's name.
    ///   - judge: nil keeps texts without a label.
    init(_ source: String, dataFolder: URL, judge: (any Detector)?) throws {
        var found: [(text: String, toxicity: Float?, groups: [String])] = []
        if TextFormat(fileName: source) == .text {
            let problems = try CorpusFile(path: source).forEachDocument { document in
                for line in document.text.split(separator: "\n") { found.append((String(line), nil, [])) }
            }
            if let problem = problems.first {
                throw WorkbenchError.unreadableLine(
                    file: source, line: problem.line, reason: problem.reason)
            }
        } else {
            let selection = try TextSelection(source, dataFolder: dataFolder, part: .all)
            for (text, groups) in zip(selection.texts, selection.groups) {
                found.append((text.text, text.labels[.toxicity], groups))
            }
        }
        let unlabelled = found.indices.filter { found[$0].toxicity == nil }
        if let judge {
            for (place, verdict) in zip(
                unlabelled, try judge.verdicts(for: unlabelled.map { found[$0].text }))
            {
                found[place].toxicity = verdict.toxicity ?? 1
            }
        }
        let kept = found.filter { ($0.toxicity ?? 0) < 0.5 }
        guard !kept.isEmpty else { throw WorkbenchError.emptyCorpus(source) }
        let hasGroups = kept.contains { !$0.groups.isEmpty }
        grouping = hasGroups ? "as the texts say" : "groups that the texts name"
        texts = kept.map(\.text)
        groups = kept.map { hasGroups ? $0.groups : IdentityTerms.groups(in: $0.text).sorted() }
        let name = URL(fileURLWithPath: source).lastPathComponent
        let hash = sha256(of: Data(texts.joined(separator: "\u{0}").utf8))
        identity = ContentIdentity(name: name, hash: hash)
    }
}
