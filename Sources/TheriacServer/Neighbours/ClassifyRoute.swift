internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

extension Route {
    /// vLLM's `/classify`: probabilities of all attributes, in the order of the detector.
    static let classify = Route(
        name: "classify", method: .post, paths: ["/classify"], dialect: .openAI, body: .single
    ) { request, scope in
        try scope.admit(request)
        let value = try request.body.withUnsafeReadableBytes { try JSONScanner.value(in: $0) }
        guard let input = value["input"] else { throw OpenAIError.missing("input") }
        guard let texts = input.text.map({ [$0] }) ?? input.texts, !texts.isEmpty else {
            throw OpenAIError.wrongType("input", expected: "a string or a list of strings")
        }
        let model = value["model"]?.text
        guard let detector = model.map({ scope.catalog.detector(pin: $0) }) ?? scope.catalog.first else {
            throw OpenAIError.noModel(model ?? "")
        }
        let most = scope.settings.limits.batchParts
        guard texts.count <= most else { throw OpenAIError.tooManyTexts(texts.count, limit: most) }
        let limit = scope.settings.limits.textBytes
        guard texts.allSatisfy({ $0.utf8.count <= limit }) else {
            throw OpenAIError(
                status: 400, message: "A text is longer than \(limit) bytes.", parameter: "input",
                code: "context_length_exceeded")
        }
        let verdicts = try await detector.verdicts(for: texts, scope)
        var writer = JSONWriter()
        try writer.object { writer in
            writer.member("id", "classify-\(scope.requestID)")
            writer.member("object", "list")
            writer.member("created", Int(Date().timeIntervalSince1970))
            writer.member("model", detector.identity.name)
            try writer.member("data") { writer in
                try writer.array { writer in
                    for (place, verdict) in verdicts.enumerated() {
                        let scores = try detector.attributes.map { try verdict.wireScore($0) }
                        writer.element { writer in
                            writer.object { writer in
                                writer.member("index", place)
                                let best = scores.indices.max { scores[$0] < scores[$1] }
                                if let best {
                                    writer.member("label", detector.attributes[best].rawValue)
                                } else {
                                    writer.memberNull("label")
                                }
                                writer.member("probs") { writer in
                                    writer.array { writer in
                                        for score in scores { writer.element { $0.number(score) } }
                                    }
                                }
                                writer.member("num_classes", scores.count)
                            }
                        }
                    }
                }
            }
            // Tokens are not counted: detectors need not have any.
            writer.member("usage") { writer in
                writer.object { writer in
                    writer.member("prompt_tokens", 0)
                    writer.member("total_tokens", 0)
                    writer.member("completion_tokens", 0)
                    writer.memberNull("prompt_tokens_details")
                }
            }
        }
        var response = ServerResponse(contentType: "application/json", body: writer.finish())
        detector.sign(&response)
        return response
    }
}

extension JSONValue {
    /// The texts, when this is a list of nothing else.
    var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }
}
