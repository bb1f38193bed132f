import Foundation

/// The same work on many items, some at a time, with results in the items' order.
///
/// Threads and not tasks: the work blocks on a server, and must not take the few threads that tasks share.
enum OrderedWork {
    /// - Parameters:
    ///   - width: items worked on at a time.
    ///   - ahead: items begun beyond the one whose result is awaited; bounds what a kill can lose, and the memory.
    ///   - work: on threads of its own.
    ///   - each: in the caller's thread, in order. When it throws, no item is begun any more, and the error goes on.
    static func run<Item: Sendable, Output: Sendable>(
        _ items: [Item], width: Int, ahead: Int, work: @escaping @Sendable (Item) -> Output,
        each: (Output) throws -> Void
    ) throws {
        let board = Board<Output>(count: items.count, ahead: max(width, ahead))
        for _ in 0..<min(width, items.count) {
            Thread {
                while let index = board.take() { board.put(work(items[index]), at: index) }
            }.start()
        }
        defer { board.stop() }
        for index in items.indices { try each(board.result(of: index)) }
    }

    /// What is taken, done and handed over. Every member is touched under the condition's lock alone, so sharing is safe.
    private final class Board<Output: Sendable>: @unchecked Sendable {
        private let condition = NSCondition()
        private let count: Int
        private let ahead: Int
        private var next = 0
        private var handedOver = 0
        private var results: [Int: Output] = [:]
        private var isStopped = false

        init(count: Int, ahead: Int) {
            self.count = count
            self.ahead = ahead
        }

        /// The next item, once it is near enough to the one that is awaited; nil when there is none.
        func take() -> Int? {
            condition.lock()
            defer { condition.unlock() }
            while !isStopped, next < count, next >= handedOver + ahead { condition.wait() }
            guard !isStopped, next < count else { return nil }
            next += 1
            return next - 1
        }

        func put(_ output: Output, at index: Int) {
            condition.lock()
            results[index] = output
            condition.broadcast()
            condition.unlock()
        }

        /// Waits for an item's result and takes it off.
        func result(of index: Int) -> Output {
            condition.lock()
            defer { condition.unlock() }
            while true {
                if let output = results.removeValue(forKey: index) {
                    handedOver = index + 1
                    condition.broadcast()
                    return output
                }
                condition.wait()
            }
        }

        func stop() {
            condition.lock()
            isStopped = true
            condition.broadcast()
            condition.unlock()
        }
    }
}
