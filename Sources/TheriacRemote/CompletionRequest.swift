import Foundation

/// A text to go on with, and how.
public struct CompletionRequest: Sendable, Equatable {
    public var prompt: String
    /// Texts wanted (`n`); a server may give fewer.
    public var samples = 1
    public var maxTokens = 16
    public var temperature = 1.0
    public var topP = 1.0
    /// 0 keeps all; servers without `top_k` ignore it or refuse.
    public var topK = 0
    public var seed: Int?
    /// Texts end before any of these.
    public var stop: [String] = []
    /// Natural logarithms of the tokens' probabilities, with this many alternatives each; nil asks for none.
    public var logProbabilities: Int?
    /// Whether the answer begins with the prompt, whose tokens then have log-probabilities too.
    public var echo = false

    public init(prompt: String) { self.prompt = prompt }

    /// The JSON body of `POST /completions`.
    func completion(model: String) throws -> Data {
        try encoded(
            Body(
                model: model, prompt: prompt, messages: nil, logprobs: logProbabilities.map { .count($0) },
                top_logprobs: nil, echo: echo ? true : nil, request: self))
    }

    /// The JSON body of `POST /chat/completions`: the prompt as a user's message, after the instruction where there is one.
    func chat(model: String, instruction: String) throws -> Data {
        let system = instruction.isEmpty ? [] : [Message(role: "system", content: instruction)]
        return try encoded(
            Body(
                model: model, prompt: nil, messages: system + [Message(role: "user", content: prompt)],
                logprobs: logProbabilities.map { _ in .isWanted(true) }, top_logprobs: logProbabilities,
                echo: nil, request: self))
    }

    private func encoded(_ body: Body) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(body)
    }

    private struct Message: Encodable {
        var role: String
        var content: String
    }

    /// One name, two kinds: a number on one route, a yes on the other.
    private enum LogProbabilities: Encodable {
        case count(Int)
        case isWanted(Bool)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .count(let count): try container.encode(count)
            case .isWanted(let isWanted): try container.encode(isWanted)
            }
        }
    }

    /// Members have the protocol's names; what is nil is left out.
    private struct Body: Encodable {
        var model: String
        var prompt: String?
        var messages: [Message]?
        var logprobs: LogProbabilities?
        var top_logprobs: Int?
        var echo: Bool?
        var n: Int?
        var max_tokens: Int
        var temperature: Double
        var top_p: Double?
        var top_k: Int?
        var seed: Int?
        var stop: [String]?

        init(
            model: String, prompt: String?, messages: [Message]?, logprobs: LogProbabilities?,
            top_logprobs: Int?, echo: Bool?, request: CompletionRequest
        ) {
            self.model = model
            self.prompt = prompt
            self.messages = messages
            self.logprobs = logprobs
            self.top_logprobs = top_logprobs
            self.echo = echo
            n = request.samples == 1 ? nil : request.samples
            max_tokens = request.maxTokens
            temperature = request.temperature
            top_p = request.topP == 1 ? nil : request.topP
            top_k = request.topK == 0 ? nil : request.topK
            seed = request.seed
            stop = request.stop.isEmpty ? nil : request.stop
        }
    }
}
