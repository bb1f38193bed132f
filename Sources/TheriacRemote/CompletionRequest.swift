import Foundation
import TheriacOptions

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

    /// Members of a request's body that have a setting of their own.
    static let ownMembers: Set<String> = [
        "model", "prompt", "messages", "n", "best_of", "max_tokens", "temperature", "top_p", "top_k", "seed",
        "stop",
        "logprobs", "top_logprobs", "echo", "stream",
    ]

    /// The JSON body of `POST /completions` or `POST /chat/completions`, where the prompt is a user's message after the
    /// instruction. What has its default is left out.
    func body(model: String, _ settings: RemoteSettings) throws -> Data {
        var members = settings.extra
        members["model"] = .string(model)
        switch settings.endpoint {
        case .completions:
            members["prompt"] = .string(prompt)
            members["logprobs"] = logProbabilities.map { .integer($0) }
            members["echo"] = echo ? .bool(true) : nil
        case .chat:
            let system = settings.instruction.isEmpty ? [] : [message("system", settings.instruction)]
            members["messages"] = .list(system + [message("user", prompt)])
            members["logprobs"] = logProbabilities.map { _ in .bool(true) }
            members["top_logprobs"] = logProbabilities.map { .integer($0) }
        }
        members["n"] = samples == 1 ? nil : .integer(samples)
        members["max_tokens"] = .integer(maxTokens)
        members["temperature"] = .number(temperature)
        members["top_p"] = topP == 1 ? nil : .number(topP)
        members["top_k"] = topK == 0 ? nil : .integer(topK)
        members["seed"] = seed.map { .integer($0) }
        members["stop"] = stop.isEmpty ? nil : stop.option
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(OptionValue.object(members))
    }

    private func message(_ role: String, _ content: String) -> OptionValue {
        .object(["role": .string(role), "content": .string(content)])
    }
}
