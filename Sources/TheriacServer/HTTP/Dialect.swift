internal import HTTPTypes
internal import TheriacFiles

/// In whose form a route says that something went wrong.
enum Dialect: Sendable {
    /// `{"error":{"code","message","status","details"}}`
    case google
    /// `{"error":{"message","type","param","code"}}`
    case openAI
    /// text-embeddings-inference: `{"error","error_type"}`
    case embeddings

    /// The answer for any error. What is not ours to explain is an internal error without details.
    func response(for error: any Error, pretty: Bool = true) -> ServerResponse {
        switch error {
        case let error as PerspectiveError: return error.response(pretty: pretty)
        case let error as OpenAIError: return error.response
        case let error as EmbeddingsError: return error.response
        default: break
        }
        let common: ServerError =
            switch error {
            case let error as ServerError: error
            case let error as JSONError: .malformedJSON("\(error.reason) (byte \(error.offset))")
            default: .failed
            }
        var response =
            switch self {
            case .google: PerspectiveError(common).response(pretty: pretty)
            case .openAI: OpenAIError(common).response
            case .embeddings: EmbeddingsError.response(common)
            }
        if let seconds = common.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }
}

extension ServerError {
    /// Seconds, where trying again helps.
    var retryAfter: Int? {
        switch self {
        case .quotaExceeded(_, let seconds), .queueFull(let seconds): seconds
        case .shuttingDown, .unavailable: 1
        default: nil
        }
    }

    /// The HTTP status, the same in all dialects but where one says otherwise.
    var status: HTTPResponse.Status {
        switch self {
        case .notFound: .notFound
        case .bodyTooLarge: .contentTooLarge
        case .malformedJSON: .badRequest
        case .missingKey, .unknownKey: .unauthorized
        case .quotaExceeded, .queueFull: .tooManyRequests
        case .deadlineExceeded: .gatewayTimeout
        case .shuttingDown, .unavailable: .serviceUnavailable
        case .unscored, .failed: .internalServerError
        }
    }

    /// For dialects that do not prescribe one.
    var message: String {
        switch self {
        case .notFound: "There is no such path, or not with this method."
        case .bodyTooLarge(let limit): "The request's body is larger than \(limit) bytes."
        case .malformedJSON(let reason): "The body is not valid JSON: \(reason)."
        case .missingKey: "No API key was given."
        case .unknownKey: "The API key is not known here."
        case .quotaExceeded(let limit, _): "More than \(limit) requests in a minute; try again later."
        case .queueFull: "Too many texts are waiting; try again later."
        case .deadlineExceeded: "Scoring took longer than this server allows."
        case .shuttingDown: "The server is shutting down."
        case .unavailable: "The server cannot score at the moment."
        case .unscored: "The text could not be scored."
        case .failed: "Something failed inside the server."
        }
    }
}
