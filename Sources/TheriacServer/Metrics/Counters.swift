internal import Synchronization

/// A number that only grows; any thread may add.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func add(_ number: Int = 1) { count.wrappingAdd(number, ordering: .relaxed) }

    var value: Int { count.load(ordering: .relaxed) }
}

/// How often values fell below each of some bounds, and their sum in millionths.
final class Histogram: Sendable {
    let bounds: [Double]
    private let buckets: [Counter]
    private let millionths = Counter()

    init(_ bounds: [Double]) {
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    func observe(_ value: Double) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count].add()
        millionths.add(Int(value * 1e6))
    }

    /// Values at or below each bound, then all.
    var cumulative: [Int] {
        var total = 0
        return buckets.map {
            total += $0.value
            return total
        }
    }

    var sum: Double { Double(millionths.value) / 1e6 }
}

/// Counters made when first asked for, by labels that are few.
final class CounterTable: Sendable {
    private let table = Mutex<[String: Counter]>([:])

    /// - Parameter labels: as the exposition writes them, `route="analyze",code="200"`.
    subscript(_ labels: String) -> Counter {
        table.withLock { table in
            if let found = table[labels] { return found }
            let made = Counter()
            table[labels] = made
            return made
        }
    }

    var all: [(labels: String, value: Int)] {
        table.withLock { table in table.map { ($0.key, $0.value.value) } }.sorted { $0.labels < $1.labels }
    }
}
