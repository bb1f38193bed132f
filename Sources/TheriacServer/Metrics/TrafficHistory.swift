internal import Foundation
internal import Synchronization
internal import TheriacCorpora

/// What happened in each minute of the last day: requests by route and outcome, how long they took, and scores by
/// attribute. For the operator's page; Prometheus keeps longer histories from `/metrics`.
///
/// It lies in memory only, in a ring of 1440 minutes (about 4 kB for a minute in which something happened, 6 MB for a
/// busy day), and begins anew when the process does. It holds counts, never texts or keys.
final class TrafficHistory: Sendable {
    /// How a request ended.
    enum Outcome: Int, Sendable, CaseIterable {
        /// 2xx.
        case answered
        /// 4xx but 429: the request was wrong.
        case refused
        /// 429: the quota or the queue was full.
        case limited
        /// 5xx.
        case failed

        init(code: Int) {
            self = code >= 500 ? .failed : code == 429 ? .limited : code >= 400 ? .refused : .answered
        }
    }

    static let minutes = 24 * 60
    /// Bins of a score histogram over 0...1.
    static let scoreBins = 20
    /// Upper ends of latency bins in seconds; the last bin is open. Half an octave each from 0.25 ms to 30 s, so that a
    /// percentile is known to within a fifth.
    static let latencyBounds: [Double] = (0...34).map { 0.00025 * pow(2, Double($0) / 2) }

    /// Counts of a stretch of time.
    struct Slice: Sendable, Equatable {
        var start: Date
        /// By route (places of `routes`), then by outcome.
        var outcomes: [[Int]]
        /// By route, then by bin of latency.
        var latencies: [[Int]]
        /// By attribute (places of `Attribute.allCases`), then by bin.
        var scores: [[Int]]

        func count(_ outcome: Outcome) -> Int { outcomes.reduce(0) { $0 + $1[outcome.rawValue] } }

        var requests: Int { outcomes.reduce(0) { $0 + $1.reduce(0, +) } }

        /// Of all routes together.
        var latency: [Int] {
            latencies.reduce(into: [Int](repeating: 0, count: TrafficHistory.latencyBounds.count + 1)) {
                for (bin, count) in $1.enumerated() { $0[bin] += count }
            }
        }
    }

    private struct Minute {
        /// Since 1970.
        var number: Int
        var counts: [UInt32]
    }

    /// Names of the routes that are watched; the last stands for paths that are none.
    let routes: [String]
    private let places: [String: Int]
    private let perRoute = Outcome.allCases.count + TrafficHistory.latencyBounds.count + 1
    private let width: Int
    private let ring: Mutex<[Minute?]>

    /// - Parameter routes: those that take a body; the operator's own are not watched.
    init(_ routes: [Route]) {
        var names: [String] = []
        for route in routes where route.body != .none && !route.isOperators && !names.contains(route.name) {
            names.append(route.name)
        }
        places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        self.routes = names + ["unknown paths"]
        width = (names.count + 1) * perRoute + Attribute.allCases.count * Self.scoreBins
        ring = Mutex([Minute?](repeating: nil, count: Self.minutes))
    }

    // MARK: Counting

    /// - Parameter route: nil for a path that is none.
    func count(_ route: Route?, code: Int, after duration: Duration, at now: Date = Date()) {
        guard let place = route.map({ places[$0.name] }) ?? routes.count - 1 else { return }
        let seconds = duration / .seconds(1)
        let bounds = Self.latencyBounds
        let bin = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        let start = place * perRoute
        add([start + Outcome(code: code).rawValue, start + Outcome.allCases.count + bin], at: now)
    }

    func observe(_ attribute: Attribute, _ score: Float, at now: Date = Date()) {
        guard score.isFinite, let place = Attribute.allCases.firstIndex(of: attribute) else { return }
        let bin = min(Self.scoreBins - 1, max(0, Int(score * Float(Self.scoreBins))))
        add([routes.count * perRoute + place * Self.scoreBins + bin], at: now)
    }

    private func add(_ cells: [Int], at now: Date) {
        let number = Int(now.timeIntervalSince1970 / 60)
        let place = number % Self.minutes
        ring.withLock { ring in
            // A clock that was set back writes into the newer minute rather than wiping it.
            if ring[place].map({ $0.number < number }) ?? true {
                ring[place] = Minute(number: number, counts: [UInt32](repeating: 0, count: width))
            }
            for cell in cells { ring[place]?.counts[cell] &+= 1 }
        }
    }

    // MARK: Reading

    /// The last `minutes`, in slices of `step` minutes, oldest first; the last one is still going on.
    func slices(last minutes: Int, step: Int, now: Date = Date()) -> [Slice] {
        let end = Int(now.timeIntervalSince1970 / 60)
        // Slices begin at round times, so that they do not move with every look.
        let last = end / step
        let first = last - max(1, minutes / step) + 1
        let kept = ring.withLock { $0 }
        return (first...last).map { slice in
            var sum = [Int](repeating: 0, count: width)
            for number in slice * step..<(slice + 1) * step where number >= 0 {
                guard let minute = kept[number % Self.minutes], minute.number == number else { continue }
                for (cell, count) in minute.counts.enumerated() where count > 0 { sum[cell] += Int(count) }
            }
            return self.slice(sum, start: Date(timeIntervalSince1970: Double(slice * step * 60)))
        }
    }

    private func slice(_ sum: [Int], start: Date) -> Slice {
        let kinds = Outcome.allCases.count
        let scores = routes.count * perRoute
        return Slice(
            start: start,
            outcomes: routes.indices.map { Array(sum[$0 * perRoute..<$0 * perRoute + kinds]) },
            latencies: routes.indices.map { Array(sum[$0 * perRoute + kinds..<($0 + 1) * perRoute]) },
            scores: Attribute.allCases.indices.map {
                Array(sum[scores + $0 * Self.scoreBins..<scores + ($0 + 1) * Self.scoreBins])
            })
    }

    /// The value that the share `p` of durations do not exceed, in seconds; nil without any. Estimated: the counts of a
    /// bin are taken as evenly spread on the logarithm.
    static func quantile(_ p: Double, of counts: [Int]) -> Double? {
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        let wanted = p * Double(total)
        var passed = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            if passed + Double(count) >= wanted {
                guard bin < latencyBounds.count else { return latencyBounds.last }
                let high = latencyBounds[bin]
                let share = max(0, (wanted - passed) / Double(count))
                return high / sqrt(2) * pow(2, share / 2)
            }
            passed += Double(count)
        }
        return latencyBounds.last
    }
}
