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
            throw WorkbenchError.unreadableLine(
                file: identity.name, line: problem.line, reason: problem.reason)
        }
        let likelihood = Likelihood(loaded)
        var sum = 0.0
        var tokens = 0
        var bytes = 0
        let chunk = 500  // often enough for a progress bar
        for start in stride(from: 0, to: documents.count, by: chunk) {
            let part = Array(documents[start..<min(start + chunk, documents.count)])
            for value in try likelihood.ofDocuments(part) {
                sum += value.sum
                tokens += value.tokens
            }
            bytes += part.reduce(0) { $0 + $1.utf8.count }
            progress(start + part.count, documents.count)
        }
        guard tokens > 0 else { throw WorkbenchError.emptyCorpus(identity.name) }
        return try CorpusPerplexity(nll: sum, tokens: tokens, bytes: bytes, corpus: identity)
    }
}
