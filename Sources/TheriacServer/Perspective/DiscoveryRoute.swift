internal import HTTPTypes

extension Route {
    /// The description that `discovery.build` reads. It names the address the client itself used.
    static let discovery = Route(
        name: "discovery", method: .get,
        paths: ["/$discovery/rest", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest"], dialect: .google
    ) { request, scope in
        guard request.query["version"].map({ $0 == "v1alpha1" }) ?? true else { throw ServerError.notFound }
        return ServerResponse(body: Array(DiscoveryDocument.json(base: try scope.base(request)).utf8))
    }
}

extension RequestScope {
    /// Scheme and host as the client sees them. A proxy's word counts only when the operator trusts it.
    func base(_ request: ServerRequest) throws(PerspectiveError) -> String {
        var scheme = request.isSecure ? "https" : "http"
        var host = request.host ?? "\(settings.host):\(settings.port)"
        if settings.trustProxy {
            if let forwarded = request.headers[.forwardedHost] { host = forwarded }
            if request.headers[.forwardedScheme] == "https" { scheme = "https" }
        }
        let isHost =
            !host.isEmpty && host.utf8.count < 256
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: ".:-_[]".utf8.contains(byte)
                }
            }
        guard isHost else { throw .payload("The Host header is not a host name.") }
        return "\(scheme)://\(host)"
    }
}
