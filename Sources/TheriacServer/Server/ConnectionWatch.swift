internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Tells whoever works for a connection when its client has gone.
///
/// A client that closes its side is taken to have gone: nobody who waits for an answer does that.
final class ConnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private struct State {
        var hasGone = false
        var next = 0
        var waiting: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { ring() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ring()
        context.fireChannelInactive()
    }

    /// Calls `action` once when the client goes; at once when it has gone.
    func onGone(_ action: @escaping @Sendable () -> Void) -> Int {
        let number = state.withLock { state -> Int? in
            guard !state.hasGone else { return nil }
            state.next += 1
            state.waiting[state.next] = action
            return state.next
        }
        if number == nil { action() }
        return number ?? 0
    }

    func forget(_ number: Int) { state.withLock { $0.waiting[number] = nil } }

    private func ring() {
        let actions = state.withLock { state in
            state.hasGone = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for action in actions { action() }
    }
}

/// A request's connection, as far as work for it has to know.
struct RequestConnection: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Nil where requests come without a connection, as in some tests.
    func watch() async -> ConnectionWatch? {
        try? await channel.pipeline.handler(type: ConnectionWatch.self).get()
    }
}

extension ConnectionWatch? {
    /// Runs `work`, and cancels it when the client goes.
    func whileOpen<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let self else { return try await work() }
        let task = Task { try await work() }
        let number = self.onGone { task.cancel() }
        defer { self.forget(number) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
