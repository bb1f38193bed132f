internal import Foundation
public import TheriacGeneration

/// How likely a remote model finds continuations: through `echo` and `logprobs` of `/completions`.
///
/// Each text goes out whole, with one new token at most, which is not counted. Where the prompt ends is found as for a local
/// checkpoint: tokens of the prompt are those that the readings of prompt and text both begin with, so each prompt goes out
/// once for itself.
///
/// Source: the calls of lm-evaluation-harness (interfaces reference 2.4); the border as in methods E.2.
public struct RemoteLikelihood: LikelihoodSource {
    private let model: RemoteModel

    /// Asks the server for the log-probabilities of a sentence of ours.
    ///
    /// - Throws: ``RemoteFailure/noLogProbabilities(server:reason:)`` when it cannot say them.
    public init(_ model: RemoteModel) throws(RemoteFailure) {
        self.model = model
        let server = model.address.server
        do {
            _ = try Self.read("The weather is fine today.", by: model)
        } catch .refused(let status, let hint) {
            throw .noLogProbabilities(server: server, reason: hint.isEmpty ? "status \(status)" : hint)
        } catch .damaged(let reason) {
            throw .noLogProbabilities(server: server, reason: reason)
        }
    }

    public func likelihoods(
        of texts: [(prompt: String, continuation: String)]
    ) throws -> [ContinuationLikelihood] {
        let prompts = try read(texts.map(\.prompt))
        let wholes = try read(texts.map { $0.prompt + $0.continuation })
        return texts.map { text in
            switch (prompts[Self.key(text.prompt)], wholes[Self.key(text.prompt + text.continuation)]) {
            case (.failure(let failure)?, _), (_, .failure(let failure)?):
                return .failed(reason: failure.description)
            case (.success(let before)?, .success(let whole)?): return Self.likelihood(whole, after: before)
            default: return .failed(reason: "The text was not sent.")
            }
        }
    }

    /// Tokens of one text and their natural logarithms.
    struct Reading: Sendable, Equatable {
        var tokens: [String] = []
        var values: [Double?] = []
    }

    static func likelihood(_ whole: Reading, after prompt: Reading) -> ContinuationLikelihood {
        let from = zip(prompt.tokens, whole.tokens).prefix { $0.utf8.elementsEqual($1.utf8) }.count
        guard from < whole.tokens.count else { return .none }
        var sum = 0.0
        for value in whole.values[from...] {
            // The very first token of a text has nothing before it: without a begin-of-text token nobody can say.
            guard let value else { return .none }
            sum -= value
        }
        return .measured(sum: sum, tokens: whole.tokens.count - from)
    }

    /// The readings of texts by their ``key(_:)``; no text is sent twice.
    private func read(_ texts: [String]) throws -> [Data: Result<Reading, RemoteFailure>] {
        let model = model
        var outages = OutageCount(model)
        var readings: [Data: Result<Reading, RemoteFailure>] = [:]
        var seen: Set<Data> = []
        let different = texts.filter { seen.insert(Self.key($0)).inserted }
        try OrderedWork.run(different, width: model.settings.concurrency, ahead: different.count) { text in
            (text, Result { () throws(RemoteFailure) in try Self.read(text, by: model) })
        } each: { text, result in
            if case .failure(let failure) = result { try outages.add(failure) } else { outages.reset() }
            readings[Self.key(text)] = result
        }
        return readings
    }

    /// A text's bytes: texts that look alike but are written otherwise are equal as strings, and other tokens.
    private static func key(_ text: String) -> Data { Data(text.utf8) }

    static func read(_ text: String, by model: RemoteModel) throws(RemoteFailure) -> Reading {
        guard !text.isEmpty else { return Reading() }
        var request = CompletionRequest(prompt: text)
        request.maxTokens = 1  // 0 is refused by some servers
        request.temperature = 0
        request.logProbabilities = 1
        request.echo = true
        let answer = try model.complete(request)
        guard let choice = answer.choices.first, let found = choice.logProbabilities else {
            throw .damaged("it has no logprobs")
        }
        guard let count = promptTokens(of: text, in: choice, counted: answer.promptTokens) else {
            throw .damaged("its logprobs are not those of the text")
        }
        return Reading(
            tokens: Array(found.tokens.prefix(count)), values: Array(found.values.prefix(count)))
    }

    /// How many of an answer's tokens are the text's own: as the server counted them, else as their places say, else all
    /// but the one that is new. nil when the text is not among them.
    static func promptTokens(
        of text: String, in choice: CompletionAnswer.Choice, counted: Int?
    ) -> Int? {
        guard let found = choice.logProbabilities else { return nil }
        let all = found.tokens.count
        let holdsText = choice.text.unicodeScalars.starts(with: text.unicodeScalars)
        // One token more than the prompt's at most, or the server counts something else.
        if let counted, counted > 0, counted == all || counted == all - 1, holdsText || counted > 1 {
            return counted
        }
        guard holdsText else { return nil }
        let length = text.unicodeScalars.count
        if let offsets = found.offsets { return offsets.firstIndex { $0 >= length } ?? all }
        return choice.text.unicodeScalars.count > length ? all - 1 : all
    }
}
