internal import HTTPTypes
internal import TheriacFiles
internal import TheriacRemote

extension OpenAIError {
    /// What went wrong behind this server, as its callers hear it.
    init(_ failure: UpstreamFailure) {
        let (status, code): (Int, String) =
            switch failure {
            case .timedOut, .silent: (504, "upstream_timeout")
            case .unreachable: (502, "upstream_unreachable")
            case .busy, .cancelled: (503, "overloaded")
            case .damaged, .tooLarge: (502, "upstream_invalid")
            case .failed(504): (504, "upstream_error")
            default: (502, "upstream_error")
            }
        self.init(status: status, message: failure.description, type: "server_error", code: code)
    }

    init(_ problem: StreamProblem) {
        switch problem {
        case .damaged(let reason): self.init(UpstreamFailure.damaged(reason))
        case .failed: self.init(UpstreamFailure.failed(status: 200))
        case .brokenOff: self.init(UpstreamFailure.brokenOff)
        }
    }

    /// Any error of guarding, said in this interface's words.
    static func guarding(_ error: any Error) -> OpenAIError {
        switch error {
        case let error as OpenAIError: error
        case let error as UpstreamFailure: OpenAIError(error)
        case let error as StreamProblem: OpenAIError(error)
        case let error as ServerError: OpenAIError(error)
        case let error as JSONError:
            OpenAIError(ServerError.malformedJSON("\(error.reason) (byte \(error.offset))"))
        default: OpenAIError(ServerError.failed)
        }
    }
}

/// An upstream's answer that goes to the caller as it is.
struct HandedOn: Error {
    let response: ServerResponse
}

extension ServerResponse {
    init(_ failure: UpstreamFailure) {
        self = OpenAIError(failure).response
        if case .busy(let seconds) = failure {
            headers[.retryAfter] = "\(max(1, Int(min(3600, seconds ?? 1).rounded(.up))))"
        }
    }

    /// Headers of an upstream's that mean something to its caller.
    mutating func carry(_ answer: UpstreamClient.Answer) {
        for (name, value) in answer.headers {
            let low = name.lowercased()
            guard
                ["retry-after", "retry-after-ms", "x-should-retry"].contains(low) || low.hasPrefix("openai-")
                    || low.hasPrefix("x-ratelimit-"), let name = HTTPField.Name(name)
            else { continue }
            headers[name] = value
        }
    }
}
