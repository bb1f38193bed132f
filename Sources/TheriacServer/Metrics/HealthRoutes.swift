internal import HTTPTypes
internal import Theriac

extension Route {
    /// 200 when detectors are loaded and their last call went well. Needs no key.
    static let health = Route(name: "health", method: .get, paths: ["/health", "/ping"], dialect: .google) {
        _, scope in
        guard scope.services.isHealthy else { throw ServerError.unavailable }
        return ServerResponse(contentType: "text/plain; charset=utf-8", body: [])
    }

    /// 200 while the process answers at all.
    static let liveness = Route(name: "livez", method: .get, paths: ["/livez"], dialect: .google) { _, _ in
        ServerResponse(contentType: "text/plain; charset=utf-8", body: [])
    }

    static let version = Route(name: "version", method: .get, paths: ["/version"], dialect: .google) { _, _ in
        var writer = JSONWriter()
        writer.object { $0.member("version", Theriac.version) }
        return ServerResponse(contentType: "application/json", body: writer.finish())
    }
}
