internal import Foundation
internal import TheriacCorpora
internal import TheriacEvaluation
internal import TheriacGeneration
internal import TheriacModels

/// The perplexity of a model on a text people wrote.
struct CorpusMeasurement {
    private let loaded: LoadedModel

    init(_ loaded: LoadedModel) { self.loaded = loaded }

    /// - Parameter progress: documents done and in all.
    func run(
        _ file: URL, identity: ContentIdentity, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> CorpusPerplexity {
        var documents: [String] = []
        let problems = try CorpusFile(path: file.path).forEachDocument { documents.append($0.text) }
        if let problem = problems.first {
            throw WorkbenchError.unreadableLine(file: identity.name, line: problem.line, reason: problem.reason)
        }
        let likelihood = Likelihood(loaded)
        var sum = 0.0
        var tokens = 0
        var bytes = 0
        for (index, document) in documents.enumerated() {
            let part = try likelihood.ofDocument(document)
            sum += part.sum
            tokens += part.tokens
            bytes += document.utf8.count
            if index % 10 == 9 { progress(index + 1, documents.count) }
        }
        guard tokens > 0 else { throw WorkbenchError.emptyCorpus(identity.name) }
        return try CorpusPerplexity(nll: sum, tokens: tokens, bytes: bytes, corpus: identity)
    }
}
