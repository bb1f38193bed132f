internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Closes a connection whose client sends a request, or takes an answer, too slowly; and tells those that ask first
/// (`Expect: 100-continue`) to go on; and sees to it that nobody waits behind an offer to change the protocol.
///
/// One timer a connection, set when first needed and looked at when it rings, so that ordinary requests pay nothing.
final class TransferLimits: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    /// Since when a request is arriving.
    private var reading: NIODeadline?
    /// Since when the client has not taken what was written.
    private var blocked: NIODeadline?
    private var timer: Scheduled<Void>?

    init(limit: TimeAmount) { self.limit = limit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(var head):
            reading = .now()
            watch(context)
            if head.headerFields[.expect] == "100-continue" {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
            if head.headerFields[.upgrade] != nil {
                // Nobody here speaks another protocol, and the parser reads nothing behind an offer to change to one
                // (`h2c`, which some clients always make): the request is the connection's last.
                head.headerFields[.connection] = "close"
                return context.fireChannelRead(wrapInboundOut(.head(head)))
            }
        case .body: break
        case .end: reading = nil
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        blocked = context.channel.isWritable ? nil : .now()
        if blocked != nil { watch(context) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func stop() {
        timer?.cancel()
        timer = nil
    }

    private func watch(_ context: ChannelHandlerContext) {
        guard timer == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: limit) {
            let (handler, context) = bound.value
            handler.ring(context)
        }
    }

    private func ring(_ context: ChannelHandlerContext) {
        timer = nil
        guard let oldest = [reading, blocked].compactMap({ $0 }).min() else { return }
        if NIODeadline.now() - oldest >= limit {
            context.close(promise: nil)
        } else {
            watch(context)
        }
    }
}

@available(*, unavailable)
extension TransferLimits: Sendable {}
