import NIOHTTP1
import TheriacFiles

/// What a status other than 200 means, without a word of the server's own message: that may quote the prompt or the key.
struct ServerRefusal {
    let failure: RemoteFailure
    /// Whether the same request may go better later.
    let isTransient: Bool
    /// Seconds the server asks to wait.
    let wish: Double?

    init(
        status: Int, headers: HTTPHeaders, body: JSONValue?, route: String, address: RemoteAddress,
        variable: String, hasKey: Bool, attempts: Int
    ) {
        let server = address.server
        let error = body?["error"] ?? body
        let code = [error?["code"]?.text, error?["type"]?.text].compactMap { $0 }
        var transient = RetryPolicy.isTransient(status: status, headers: headers)
        switch status {
        case 401, 403: failure = .wantsKey(server: server, variable: variable, wasGiven: hasKey)
        case 404 where code.contains("model_not_found") || (error != nil && Self.speaksOfModel(error)):
            failure = .unknownModel(address.model, server: server, known: [])
        case 404, 405: failure = .wrongPath(server: server, route: route)
        case 300..<400: failure = .redirected(server: server)
        case 429 where code.contains("insufficient_quota"):
            failure = .quotaSpent(server: server)
            transient = false
        case 408, 429, 500...599:
            failure = .overloaded(server: server, status: status, attempts: attempts)
        default: failure = .refused(status: status, hint: Self.hint(error, code, model: address.model))
        }
        isTransient = transient
        wish = RetryPolicy.wish(in: headers)
    }

    private static func speaksOfModel(_ error: JSONValue?) -> Bool {
        error?["message"]?.text?.lowercased().contains("model") ?? false
    }

    /// Our own words for what such messages commonly speak of.
    private static func hint(_ error: JSONValue?, _ code: [String], model: String) -> String {
        let message = (error?["message"] ?? error?["detail"])?.text?.lowercased() ?? ""
        func speaks(of words: String...) -> Bool { words.contains { message.contains($0) } }
        if code.contains("context_length_exceeded")
            || speaks(of: "context length", "context size", "maximum context", "too long", "too many tokens")
        {
            return "the prompt and the new tokens do not fit the model's context"
        }
        if code.contains("request_too_large") { return "the request is too large" }
        if !Set(code).isDisjoint(with: ["content_filter", "content_policy_violation"]) {
            return "its content filter does not take the prompt"
        }
        if speaks(of: "max_tokens") { return "it does not take this number of new tokens" }
        if speaks(of: "logprob", "echo") { return "it does not take logprobs or echo" }
        if speaks(of: "'n'", "\"n\"", "n must", "best_of") {
            return "it does not take several samples at once; set samples-per-request to 1"
        }
        if speaks(of: "top_k", "top_p", "temperature", "seed") {
            return "it does not take one of the drawing settings"
        }
        if speaks(of: "chat template", "chat_template") {
            return "the model has no chat template; use the endpoint completions"
        }
        if !model.isEmpty, message.contains("'\(model.lowercased())'") {
            return "it speaks of the model's name; is '\(model)' the one it serves"
        }
        return ""
    }
}
