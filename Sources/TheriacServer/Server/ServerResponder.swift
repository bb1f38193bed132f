internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Synchronization

/// What Hummingbird keeps for a request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// From Hummingbird's request to a route and back. Throws nothing: every error becomes an answer here.
struct ServerResponder: HTTPResponder {
    let state: CurrentState
    let services: ServerServices

    func respond(to request: Request, context: ServerContext) async -> Response {
        let state = state.value
        services.metrics.begin()
        var start = ContinuousClock.now
        let scope = RequestScope(
            state: state, services: services, number: services.nextRequest(), channel: context.channel)
        let (route, answer) = await answer(request, scope, start: &start)
        var response = answer
        let origin = request.headers[.origin]
        if let origin, route?.isOperators != true, state.settings.cors.allows(origin) {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.vary] = "Origin"
        }
        if route?.dialect ?? RouteTable.dialect(of: request.head.path ?? "") == .openAI {
            response.headers[.requestID] = "req_\(scope.requestID)"
        }
        let duration = ContinuousClock.now - start
        services.metrics.end(route, code: response.status.code, after: duration)
        if state.settings.log.requests {
            context.logger.info(
                "request",
                metadata: [
                    "id": "\(scope.requestID)", "route": "\(route?.name ?? "none")",
                    "status": "\(response.status.code)", "ms": "\(Int(duration / .microseconds(1)) / 1000)",
                ])
        }
        if response.status.code == 500 {
            context.logger.error("request failed", metadata: ["id": "\(scope.requestID)"])
        }
        var fields = response.headers
        if !response.body.isEmpty || response.stream != nil { fields[.contentType] = response.contentType }
        if request.headers[.connection] == "close" { fields[.connection] = "close" }
        if request.method == .head {
            // A body here would be taken for the next answer of the connection.
            if response.stream == nil { fields[.contentLength] = "\(response.body.count)" }
            return Response(status: response.status, headers: fields)
        }
        if let stream = response.stream {
            return Response(
                status: response.status, headers: fields,
                body: ResponseBody { writer in
                    try await stream { try await writer.write(ByteBuffer(bytes: $0)) }
                    try await writer.finish(nil)
                })
        }
        return Response(
            status: response.status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    /// - Parameter start: set anew when the body has arrived: how slowly a client sends is not our time.
    private func answer(
        _ request: Request, _ scope: RequestScope, start: inout ContinuousClock.Instant
    ) async -> (Route?, ServerResponse) {
        var inner = ServerRequest(
            method: request.method, target: request.head.path ?? "/", headers: request.headers,
            host: request.head.authority, body: ByteBuffer())
        inner.isSecure = scope.settings.tls.certificate != nil
        // What GET would say, without the body.
        if inner.method == .head { inner.method = .get }
        if inner.method == .options { return (nil, preflight(inner, scope.settings.cors)) }
        guard let route = scope.routes.route(inner.method, inner.path) else {
            return (nil, RouteTable.dialect(of: inner.path).response(for: ServerError.notFound))
        }
        do {
            let limits = scope.settings.limits
            switch route.body {
            case .none: break
            case .single: inner.body = try await collect(request, limits.bodyBytes)
            case .batch: inner.body = try await collect(request, limits.batchBodyBytes)
            }
            start = .now
            return (route, try await route.respond(inner, scope))
        } catch {
            return (route, route.dialect.response(for: error, pretty: inner.isPretty))
        }
    }

    private func collect(_ request: Request, _ limit: Int) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw ServerError.bodyTooLarge(limit: limit)
        }
        do {
            return try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw ServerError.bodyTooLarge(limit: limit)
        } catch {
            // A client that leaves, or said a length it does not keep to; no failure of ours.
            throw ServerError.malformedJSON("the connection ended before the body did")
        }
    }

    private func preflight(_ request: ServerRequest, _ cors: CORSSettings) -> ServerResponse {
        guard let origin = request.headers[.origin], cors.allows(origin) else {
            return RouteTable.dialect(of: request.path).response(for: ServerError.notFound)
        }
        var response = ServerResponse(status: .noContent, body: [])
        response.headers[.accessControlAllowMethods] = "GET, POST"
        response.headers[.accessControlAllowHeaders] = "content-type, authorization, x-goog-api-key"
        response.headers[.accessControlMaxAge] = "600"
        return response
    }
}

extension CORSSettings {
    func allows(_ origin: String) -> Bool { origins.contains(origin) || origins.contains("*") }
}

/// The state that new requests begin with.
final class CurrentState: Sendable {
    private let current: Mutex<ServerState>

    init(_ state: ServerState) { current = Mutex(state) }

    var value: ServerState { current.withLock { $0 } }

    /// - Returns: the state before.
    func replace(with state: ServerState) -> ServerState {
        current.withLock { current in
            defer { current = state }
            return current
        }
    }
}
