public import Foundation

extension RemoteModel {
    /// Asks a server whether it is there, speaks the protocol, takes the key and has the model; chooses the model where the
    /// address names none and the server has one.
    ///
    /// - Throws: ``RemoteFailure`` with the one thing to do.
    public static func open(
        _ address: RemoteAddress, settings: RemoteSettings = RemoteSettings(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(RemoteFailure) -> RemoteModel {
        let asked = try RemoteModel(address, settings: settings, environment: environment)
        if !settings.checksModel, !address.model.isEmpty {
            try asked.askForOneToken()
            return asked
        }
        let known = try asked.models()
        if address.model.isEmpty {
            guard known.count == 1, let only = known.first else {
                throw .modelToChoose(server: address.server, known: known)
            }
            return try RemoteModel(address.choosing(only), settings: settings, environment: environment)
        }
        guard known.contains(address.model) else {
            throw .unknownModel(address.model, server: address.server, known: known)
        }
        return asked
    }

    /// Finds out about address, key and name from a server that keeps no list of models.
    private func askForOneToken() throws(RemoteFailure) {
        var request = CompletionRequest(prompt: "The")
        request.maxTokens = 1
        _ = try complete(request, isProbe: true)
    }

    /// As messages name it: `the server http://127.0.0.1:8000/v1`.
    public var sourceName: String { "the server \(address.server)" }
}
