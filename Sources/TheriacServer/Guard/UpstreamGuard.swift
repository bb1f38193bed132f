internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import TheriacAudit
internal import TheriacDetection
internal import TheriacFiles
internal import TheriacRemote

/// Stands before somebody else's server: what users and models write passes the gate on its way.
final class UpstreamGuard: Sendable {
    let settings: GuardServingSettings
    let gate: PolicyGate
    let client: UpstreamClient
    let slots: Slots

    init(_ settings: GuardServingSettings, gate: PolicyGate, client: UpstreamClient) {
        self.settings = settings
        self.gate = gate
        self.client = client
        slots = Slots(settings.concurrency)
    }

    /// Answers a request for completions.
    func complete(
        _ kind: GuardedRequest.Kind, _ request: ServerRequest, _ scope: RequestScope
    ) async throws -> ServerResponse {
        let caller = try scope.admit(request)
        let inner = try GuardedRequest(kind, Array(request.body.readableBytesView), reads: settings.input)
        if inner.isStream, scope.batchDeadline != nil { throw OpenAIError.streamInBatch }
        guard !inner.hasUnread || settings.unread == .pass else { throw OpenAIError.unread }
        let exchange = GuardedExchange(
            settings: settings,
            source: UpstreamSource(
                client: client, headers: headers(of: request, scope), slot: try slots.take()),
            session: gate.session(
                kind.route, caller, community: inner.community, doNotStore: inner.doNotStore, scope),
            request: inner)
        do {
            return try await scope.whileOpen { try await exchange.run() }
        } catch let error as HandedOn {
            return error.response
        } catch let error as UpstreamFailure {
            return ServerResponse(error)
        }
    }

    /// Sends a request on that holds nothing to judge.
    func forward(_ request: ServerRequest, _ scope: RequestScope, counts: Bool) async throws -> ServerResponse
    {
        try scope.admit(request, counts: counts)
        let slot = try slots.take()
        let (headers, body) = (headers(of: request, scope), Array(request.body.readableBytesView))
        let (client, target, method) = (client, Self.target(of: request), request.method.rawValue)
        do {
            return try await scope.whileOpen {
                let answer = try await client.send(
                    method, target, headers: headers, body: method == "GET" ? nil : body, isStream: false)
                if let failure = answer.failure(hasKey: client.hasKey) { throw failure }
                var response = ServerResponse(
                    status: .init(code: answer.status),
                    contentType: answer.header("content-type") ?? "application/octet-stream", body: [])
                response.carry(answer)
                if answer.isEventStream {
                    response.stream = Self.relay(answer, slot, scope)
                } else {
                    response.body = try await answer.collect()
                }
                return response
            }
        } catch let error as UpstreamFailure {
            return ServerResponse(error)
        }
    }

    /// Hands pieces over as they come. When the upstream breaks off the stream just ends: there is no form for errors here.
    private static func relay(
        _ answer: UpstreamClient.Answer, _ slot: Slots.Slot, _ scope: RequestScope
    ) -> StreamedBody {
        scope.produce { emit in
            var pieces = answer.pieces()
            while let piece = try? await pieces.next() { emit(piece) }
            withExtendedLifetime(slot) {}
        }
    }

    /// What of a caller's headers goes on. A key that was shown to this server is not for the other; in doubt it stays here.
    private func headers(of request: ServerRequest, _ scope: RequestScope) -> [(name: String, value: String)]
    {
        var sent: [(name: String, value: String)] = []
        let keepsKey = (try? scope.asksForKeys()) ?? true
        for field in request.headers {
            let name = field.name.canonicalName
            switch name {
            case "content-type", "accept", "user-agent", "openai-organization", "openai-project",
                "openai-beta":
                sent.append((name, field.value))
            case "authorization" where !keepsKey: sent.append((name, field.value))
            default: break
            }
        }
        return sent
    }

    /// Path and query as they came; a query with a key stays here.
    private static func target(of request: ServerRequest) -> String {
        guard request.query["key"] != nil else { return request.target }
        return String(request.target.prefix { $0 != "?" })
    }

    func close() async { await gate.close() }
}

extension UpstreamClient.Answer {
    var isEventStream: Bool { header("content-type")?.lowercased().hasPrefix("text/event-stream") ?? false }

    /// What a status means that is not for the caller to see as it is.
    func failure(hasKey: Bool) -> UpstreamFailure? {
        switch status {
        case 200..<300: nil
        case 300..<400: .redirected
        case 401 where hasKey, 403 where hasKey, 407: .refusesKey
        case 400..<500: nil
        case 503: .busy(retryAfter: retryAfter)
        default: .failed(status: status)
        }
    }
}

extension OpenAIError {
    static let unread = OpenAIError(
        status: 400,
        message:
            "This server judges what it is sent, and can read text only: send prompts as text in place of token ids, and "
            + "no images or sounds. The operator can let them through unjudged (guard.unread: pass).",
        code: "unsupported_input_type")
}
