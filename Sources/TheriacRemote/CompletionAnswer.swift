import Foundation
import TheriacFiles

/// What a server wrote. Read strictly: what is missing or of another kind is a failure, never an empty text.
public struct CompletionAnswer: Sendable, Equatable {
    public struct Choice: Sendable, Equatable {
        public enum Finish: Sendable {
            /// The model, or a stop text, ended it.
            case stop
            case length
            /// The server kept the text, or a part of it, to itself. It is not a clean text.
            case withheld
        }

        public var text: String
        public var finish: Finish
        public var logProbabilities: TokenLogProbabilities?
    }

    /// Tokens of a text, in order.
    public struct TokenLogProbabilities: Sendable, Equatable {
        /// As the server prints them.
        public var tokens: [String]
        /// Natural logarithms; nil where there is nothing before the token.
        public var values: [Double?]
        /// Where each begins in the text, in Unicode scalars; nil when the server does not say.
        public var offsets: [Int]?
    }

    /// In the server's order of `index`.
    public var choices: [Choice]
    /// Tokens of the prompt and of all texts, where the server counts them.
    public var promptTokens: Int?
    public var newTokens: Int?

    /// Reads the body of an answer with status 200.
    ///
    /// - Throws: ``RemoteFailure/damaged(_:)``.
    init(_ body: JSONValue, endpoint: RemoteSettings.Endpoint) throws(RemoteFailure) {
        guard case .object = body else { throw .damaged("it is no JSON object") }
        guard let list = body["choices"]?.elements else { throw .damaged("it has no list 'choices'") }
        guard !list.isEmpty else { throw .damaged("its list 'choices' is empty") }
        var found: [(index: Int, choice: Choice)] = []
        for (place, value) in list.enumerated() {
            let index = value["index"]?.whole ?? place
            guard !found.contains(where: { $0.index == index }) else {
                throw .damaged("two of its choices have one index")
            }
            found.append((index, try Self.choice(value, endpoint)))
        }
        choices = found.sorted { $0.index < $1.index }.map(\.choice)
        promptTokens = body["usage"]?["prompt_tokens"]?.whole
        newTokens = body["usage"]?["completion_tokens"]?.whole
    }

    private static func choice(
        _ value: JSONValue, _ endpoint: RemoteSettings.Endpoint
    ) throws(RemoteFailure) -> Choice {
        let finish: Choice.Finish
        switch value["finish_reason"]?.text {
        case "content_filter": finish = .withheld
        case "length", "max_tokens": finish = .length
        case "abort", "error": throw .damaged("the server broke off a text")
        default: finish = .stop
        }
        let text = endpoint == .completions ? value["text"]?.text : value["message"]?["content"]?.text
        guard let text = text ?? (finish == .withheld ? "" : nil) else {
            throw .damaged("a choice has no text")
        }
        let logProbabilities =
            endpoint == .completions
            ? try lists(value["logprobs"]) : try contents(value["logprobs"])
        return Choice(text: text, finish: finish, logProbabilities: logProbabilities)
    }

    /// The parallel lists of `/completions`.
    private static func lists(_ value: JSONValue?) throws(RemoteFailure) -> TokenLogProbabilities? {
        guard let value, value != .null else { return nil }
        guard let tokens = value["tokens"]?.elements?.map(\.text),
            let values = value["token_logprobs"]?.elements,
            tokens.count == values.count
        else { throw .damaged("its token log-probabilities are not lists of one length") }
        let offsets = value["text_offset"]?.elements?.compactMap(\.whole)
        return TokenLogProbabilities(
            tokens: try tokens.map(Self.token), values: try values.map(Self.logarithm),
            offsets: offsets?.count == tokens.count ? offsets : nil)
    }

    /// The list of objects of `/chat/completions`.
    private static func contents(_ value: JSONValue?) throws(RemoteFailure) -> TokenLogProbabilities? {
        guard let list = value?["content"]?.elements else { return nil }
        return TokenLogProbabilities(
            tokens: try list.map { value throws(RemoteFailure) in try token(value["token"]?.text) },
            values: try list.map { value throws(RemoteFailure) in try logarithm(value["logprob"] ?? .null) },
            offsets: nil)
    }

    private static func token(_ text: String?) throws(RemoteFailure) -> String {
        guard let text else { throw .damaged("a token has no text") }
        return text
    }

    private static func logarithm(_ value: JSONValue) throws(RemoteFailure) -> Double? {
        if value == .null { return nil }
        guard let number = value.double, number <= 1e-3 else {  // a rounding above 0 is forgiven
            throw .damaged("a log-probability is no number, or above 0")
        }
        return min(0, number)
    }
}

extension JSONValue {
    /// The number, when it is whole and not negative.
    var whole: Int? {
        switch self {
        case .integer(let integer) where integer >= 0: integer
        case .number(let number): Int(exactly: number).flatMap { $0 >= 0 ? $0 : nil }
        default: nil
        }
    }
}
