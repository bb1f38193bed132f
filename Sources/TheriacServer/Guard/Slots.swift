internal import Synchronization

/// How many may work at a time.
final class Slots: Sendable {
    /// The right of one; given back when nobody holds it.
    final class Slot: Sendable {
        private let slots: Slots

        fileprivate init(_ slots: Slots) { self.slots = slots }

        deinit { slots.taken.wrappingSubtract(1, ordering: .relaxed) }
    }

    let limit: Int
    private let taken = Atomic<Int>(0)

    init(_ limit: Int) { self.limit = limit }

    var inUse: Int { taken.load(ordering: .relaxed) }

    /// - Throws: ``ServerError/queueFull(retryAfter:)`` when all are taken.
    func take() throws(ServerError) -> Slot {
        let count = taken.wrappingAdd(1, ordering: .relaxed).newValue
        guard count <= limit else {
            taken.wrappingSubtract(1, ordering: .relaxed)
            throw .queueFull(retryAfter: 1)
        }
        return Slot(self)
    }
}
