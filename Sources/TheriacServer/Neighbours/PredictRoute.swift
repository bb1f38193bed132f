internal import HTTPTypes
internal import NIOCore
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

extension Route {
    /// text-embeddings-inference's `/predict`: labels with scores, highest first.
    static let predict = Route(
        name: "predict", method: .post, paths: ["/predict"], dialect: .embeddings, body: .single
    ) { request, scope in
        try scope.admit(request)
        let value = try request.body.withUnsafeReadableBytes { try JSONScanner.value(in: $0) }
        guard let inputs = value["inputs"] else { throw EmbeddingsError.validation("`inputs` is missing") }
        let (texts, isList) = try Self.texts(inputs)
        let most = scope.settings.limits.batchParts
        guard texts.count <= most else {
            throw EmbeddingsError.validation(
                "\(texts.count) texts are more than \(most), the most in a request")
        }
        let limit = scope.settings.limits.textBytes
        guard texts.allSatisfy({ $0.utf8.count <= limit }) else {
            throw EmbeddingsError.validation("a text is longer than \(limit) bytes")
        }
        guard value["raw_scores"] != .bool(true) else {
            throw EmbeddingsError.validation(
                "`raw_scores` are not available: scores are calibrated probabilities")
        }
        let detector = scope.catalog.first
        let verdicts = try await detector.verdicts(for: texts, scope)
        var writer = JSONWriter()
        func write(_ verdict: Verdict, to writer: inout JSONWriter) throws {
            let scores = try detector.attributes.map {
                (label: $0.rawValue, score: try verdict.wireScore($0))
            }
            writer.array { writer in
                for entry in scores.sorted(by: { $0.score > $1.score }) {
                    writer.element { writer in
                        writer.object { writer in
                            writer.member("score", entry.score)
                            writer.member("label", entry.label)
                        }
                    }
                }
            }
        }
        if isList {
            try writer.array { writer in
                for verdict in verdicts { try writer.element { try write(verdict, to: &$0) } }
            }
        } else if let verdict = verdicts.first {
            try write(verdict, to: &writer)
        }
        var response = ServerResponse(contentType: "application/json", body: writer.finish())
        detector.sign(&response)
        return response
    }

    /// A text, a list of texts, or a list of lists of one text.
    private static func texts(_ inputs: JSONValue) throws -> (texts: [String], isList: Bool) {
        if let text = inputs.text { return ([text], false) }
        guard let elements = inputs.elements, !elements.isEmpty else {
            throw EmbeddingsError.validation("`inputs` must be a text or a list that is not empty")
        }
        let texts = try elements.map { element in
            if let text = element.text { return text }
            guard let single = element.texts, single.count == 1 else {
                throw EmbeddingsError.validation("pairs of texts need a model for pairs")
            }
            return single[0]
        }
        return (texts, true)
    }
}

/// Errors in the form of text-embeddings-inference.
struct EmbeddingsError: Error, Equatable {
    var message: String

    static func validation(_ message: String) -> EmbeddingsError { EmbeddingsError(message: message) }

    var response: ServerResponse { Self.response(message, "Validation", .contentTooLarge) }

    static func response(_ error: ServerError) -> ServerResponse {
        let (type, status): (String, HTTPResponse.Status) =
            switch error {
            case .malformedJSON, .notFound, .missingKey, .unknownKey: ("Validation", error.status)
            case .bodyTooLarge: ("Validation", .contentTooLarge)
            case .quotaExceeded, .queueFull: ("Overloaded", .tooManyRequests)
            case .deadlineExceeded, .shuttingDown, .unavailable: ("Unhealthy", .serviceUnavailable)
            case .unscored, .failed: ("Backend", .failedDependency)
            }
        return response(error.message, type, status)
    }

    private static func response(
        _ message: String, _ type: String, _ status: HTTPResponse.Status
    ) -> ServerResponse {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("error", message)
            writer.member("error_type", type)
        }
        return ServerResponse(status: status, contentType: "application/json", body: writer.finish())
    }
}

extension HTTPResponse.Status {
    fileprivate static let failedDependency = Self(code: 424, reasonPhrase: "Failed Dependency")
}
