internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Tells whoever works for a connection that its client has gone, so that long work for nobody ends.
final class DisconnectWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPRequestPart

    private struct State {
        var action: (@Sendable () -> Void)?
        var isGone = false
    }

    private let state = Mutex(State())

    /// Calls `action` when the client goes away; at once when it has. Only the last action given counts: a connection
    /// has one request at a time.
    func whenGone(_ action: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            if !state.isGone { state.action = action }
            return state.isGone
        }
        if isGone { action() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        let action = state.withLock { state in
            defer { state.action = nil }
            state.isGone = true
            return state.action
        }
        action?()
    }
}
