internal import HTTPTypes

/// An error in the form of the OpenAI interface.
struct OpenAIError: Error, Equatable {
    var status: Int
    var message: String
    var type = "invalid_request_error"
    /// The field that is wrong.
    var parameter: String?
    var code: String?

    var response: ServerResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("error") { writer in
                writer.object { writer in
                    writer.member("message", message)
                    writer.member("type", type)
                    if let parameter { writer.member("param", parameter) } else { writer.memberNull("param") }
                    if let code { writer.member("code", code) } else { writer.memberNull("code") }
                }
            }
        }
        return ServerResponse(
            status: .init(code: status), contentType: "application/json", body: writer.finish())
    }
}

extension OpenAIError {
    /// What any route can run into.
    init(_ error: ServerError) {
        let (type, code): (String, String?) =
            switch error {
            case .notFound: ("invalid_request_error", "not_found")
            case .bodyTooLarge: ("invalid_request_error", "request_too_large")
            case .malformedJSON: ("invalid_request_error", "invalid_json")
            case .missingKey, .unknownKey: ("invalid_request_error", "invalid_api_key")
            case .quotaExceeded, .queueFull: ("rate_limit_error", "rate_limit_exceeded")
            case .deadlineExceeded, .shuttingDown, .unavailable: ("server_error", "overloaded")
            case .unscored, .failed: ("server_error", "internal")
            }
        // A time-out is 503 here: the table of this dialect has no 504.
        let status = error == .deadlineExceeded ? 503 : error.status.code
        self.init(status: status, message: error.message, type: type, parameter: nil, code: code)
    }

    static let streamInBatch = OpenAIError(
        status: 400, message: "'stream' is not supported in a part of a batch; ask for the whole answer.",
        parameter: "stream", code: "unsupported_parameter")

    static func missing(_ field: String) -> OpenAIError {
        OpenAIError(
            status: 400, message: "Missing required parameter: '\(field)'.", parameter: field,
            code: "missing_required_parameter")
    }

    static func wrongType(_ field: String, expected: String) -> OpenAIError {
        OpenAIError(
            status: 400, message: "Invalid type for '\(field)': expected \(expected).", parameter: field,
            code: "invalid_type")
    }

    static func tooManyTexts(_ count: Int, limit: Int) -> OpenAIError {
        OpenAIError(
            status: 400, message: "'input' has \(count) texts; this server takes \(limit) in a request.",
            parameter: "input", code: "invalid_value")
    }

    static func noModel(_ name: String) -> OpenAIError {
        OpenAIError(
            status: 404, message: "The model '\(name.prefix(100))' does not exist.", parameter: "model",
            code: "model_not_found")
    }
}
