internal import Foundation
internal import HTTPTypes
internal import TheriacDetection

extension Route {
    /// What can be asked: the language model with its adapters, and the detectors.
    static let models = Route(name: "models", method: .get, paths: ["/v1/models"], dialect: .openAI) {
        request, scope in
        try scope.admit(request, counts: false)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("object", "list")
            writer.member("data") { writer in
                writer.array { writer in
                    for card in scope.services.generation?.facts.cards ?? [] {
                        writer.element { write(card, scope, to: &$0) }
                    }
                    for detector in scope.catalog.detectors {
                        writer.element { write(detector, scope.services.started, to: &$0) }
                    }
                }
            }
        }
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }

    static let model = Route(name: "model", method: .get, paths: ["/v1/models/*"], dialect: .openAI) {
        request, scope in
        try scope.admit(request, counts: false)
        let name = String(request.path.dropFirst("/v1/models/".count))
        if let card = scope.services.generation?.facts.card(name) {
            var writer = JSONWriter()
            write(card, scope, to: &writer)
            return ServerResponse(contentType: "application/json", body: writer.finish())
        }
        guard let detector = scope.catalog.detector(pin: name) else { throw OpenAIError.noModel(name) }
        var writer = JSONWriter()
        write(detector, scope.services.started, to: &writer)
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }

    private static func write(_ card: ModelCard, _ scope: RequestScope, to writer: inout JSONWriter) {
        guard let facts = scope.services.generation?.facts else { return }
        writer.object { writer in
            writer.member("id", card.name)
            writer.member("object", "model")
            writer.member("created", Int(scope.services.started.timeIntervalSince1970))
            writer.member("owned_by", "theriac")
            writer.member("root", facts.base.name)
            if card.adapter == nil {
                writer.memberNull("parent")
            } else {
                writer.member("parent", facts.base.name)
            }
            writer.member("max_model_len", facts.context)
            writer.member("revision", "sha256:\(card.revision)")
        }
    }

    private static func write(_ detector: LoadedDetector, _ started: Date, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", detector.identity.name)
            writer.member("object", "model")
            writer.member("created", Int(started.timeIntervalSince1970))
            writer.member("owned_by", "theriac")
            writer.member("root", detector.identity.description)
            writer.memberNull("parent")
            writer.memberNull("max_model_len")
            writer.member("revision", "sha256:\(detector.identity.hash)")
        }
    }
}
