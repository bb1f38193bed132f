internal import HTTPTypes

extension Routes {
    /// What a guard answers in place of a model of this server's own. They stand before the others, and answer only where an
    /// upstream is named.
    static func guarded(_ settings: GuardServingSettings) -> [Route] {
        guard settings.upstream != nil else { return [] }
        return [.guardedCompletions, .guardedChat, .guardedModels]
            + settings.paths.flatMap { path in
                [HTTPRequest.Method.get, .post].map { .forwarded($0, path) }
            }
    }
}

extension Route {
    static let guardedCompletions = Route(
        name: "guarded-completions", method: .post, paths: ["/v1/completions"], dialect: .openAI,
        body: .single
    ) { request, scope in
        try await scope.upstream.complete(.completions, request, scope)
    }

    static let guardedChat = Route(
        name: "guarded-chat", method: .post, paths: ["/v1/chat/completions"], dialect: .openAI, body: .single
    ) { request, scope in
        try await scope.upstream.complete(.chat, request, scope)
    }

    /// The upstream's models.
    static let guardedModels = Route(
        name: "guarded-models", method: .get, paths: ["/v1/models", "/v1/models/*"], dialect: .openAI
    ) { request, scope in
        try await scope.upstream.forward(request, scope, counts: false)
    }

    /// A path that the operator lists; nothing in it is judged.
    static func forwarded(_ method: HTTPRequest.Method, _ path: String) -> Route {
        Route(
            name: "forwarded", method: method, paths: [path], dialect: .openAI,
            body: method == .post ? .single : .none
        ) { request, scope in
            try await scope.upstream.forward(request, scope, counts: true)
        }
    }
}

extension RequestScope {
    fileprivate var upstream: UpstreamGuard {
        get throws(ServerError) {
            guard let upstream = state.upstream else { throw .notFound }
            return upstream
        }
    }
}
