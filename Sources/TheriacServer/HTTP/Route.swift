internal import HTTPTypes

/// One thing the server answers: where, in whose dialect, and how.
struct Route: Sendable {
    /// How much a request's body may hold.
    enum Body: Sendable { case none, single, batch }

    /// The label in metrics.
    let name: String
    let method: HTTPRequest.Method
    /// Decoded paths; one that ends in `/*` takes anything behind it.
    let paths: [String]
    let dialect: Dialect
    var body = Body.none
    /// Belongs to the operator's page: pages of other sites never read it, and its requests are no traffic.
    var isOperators = false
    let respond: @Sendable (ServerRequest, RequestScope) async throws -> ServerResponse
}

/// What is served.
enum Routes {
    /// Every route, one a file. Routes that generate text belong here too.
    static let all: [Route] =
        [
            .analyze, .suggestScore, .discovery, .batch, .moderations, .models, .model, .completions,
            .chatCompletions, .tokenize, .detokenize, .tokenizerInfo, .classify, .predict, .health, .liveness,
            .version, .metrics,
        ] + OperatorRoutes.all
}

/// Finds the route of a request.
struct RouteTable: Sendable {
    private var exact: [String: [Route]] = [:]
    private var prefixes: [(prefix: String, route: Route)] = []
    let routes: [Route]

    init(_ routes: [Route]) {
        self.routes = routes
        for route in routes {
            for path in route.paths {
                if path.hasSuffix("/*") {
                    prefixes.append((String(path.dropLast()), route))
                } else {
                    exact[path, default: []].append(route)
                }
            }
        }
    }

    func route(_ method: HTTPRequest.Method, _ path: String) -> Route? {
        if let found = exact[path]?.first(where: { $0.method == method }) { return found }
        return prefixes.first { $0.route.method == method && path.hasPrefix($0.prefix) && path != $0.prefix }?
            .route
    }

    /// In whose words to say that there is no such path.
    static func dialect(of path: String) -> Dialect {
        path.hasPrefix("/v1/") ? .openAI : path == "/predict" ? .embeddings : .google
    }
}
