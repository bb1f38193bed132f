internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Serves each connection on the thread of its own event loop, so that a request does not change threads on its way in
/// and out. What takes long is handed to a scorer's thread and awaited.
struct LoopBoundChannel<Base: HTTPChannelHandler>: ServerChildChannel
where Base.Value == HTTP1Channel.Value {
    typealias Value = Base.Value

    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(LoopExecutor(loop: value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}

/// Runs tasks on the thread of an event loop.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
