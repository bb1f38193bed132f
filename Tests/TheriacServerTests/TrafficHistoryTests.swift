import Foundation
import TheriacCorpora
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct TrafficHistoryTests {
    private let history = TrafficHistory(Routes.all)
    private let start = Date(timeIntervalSince1970: 1_000_000 * 60)
    private var analyze: Route? { Routes.all.first { $0.name == "analyze" } }

    private func minute(_ number: Double) -> Date { start.addingTimeInterval(60 * number) }

    @Test func countsByMinuteRouteAndOutcome() throws {
        let place = try #require(history.routes.firstIndex(of: "analyze"))
        for code in [200, 204, 400, 404, 429, 500, 503] {
            history.count(analyze, code: code, after: .milliseconds(1), at: minute(0))
        }
        history.count(nil, code: 404, after: .milliseconds(1), at: minute(1))
        history.observe(.insult, 1, at: minute(1))
        history.observe(.insult, 0, at: minute(1))
        history.observe(.insult, .nan, at: minute(1))
        let slices = history.slices(last: 3, step: 1, now: minute(1.5))
        #expect(slices.map(\.start) == [minute(-1), minute(0), minute(1)])
        #expect(slices.map(\.requests) == [0, 7, 1])
        #expect(slices[1].outcomes[place] == [2, 2, 1, 2])
        #expect(slices[2].outcomes.last == [0, 1, 0, 0])
        let insult = try #require(Attribute.allCases.firstIndex(of: .insult))
        #expect(slices[2].scores[insult].first == 1 && slices[2].scores[insult].last == 1)
        #expect(slices[2].scores[insult].reduce(0, +) == 2)
    }

    /// Every event of the last day is in exactly one slice, whatever the slices; what is older is gone.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func losesNothingOfADay(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let age = Int.random(in: 0..<2000, using: &random)
            history.count(analyze, code: 200, after: .seconds(1), at: minute(Double(-age)))
        }
        for (minutes, step) in [(60, 1), (360, 5), (1440, 20), (1440, 1)] {
            let sum = history.slices(last: minutes, step: step, now: start).reduce(0) { $0 + $1.requests }
            let fine = history.slices(last: 1440, step: 1, now: start)
            let first = Int(start.timeIntervalSince1970 / 60) / step - minutes / step + 1
            let oracle = fine.filter { Int($0.start.timeIntervalSince1970 / 60) / step >= first }
                .reduce(0) { $0 + $1.requests }
            #expect(sum == oracle, "seed \(seed), \(minutes) by \(step)")
        }
    }

    @Test func forgetsAfterADay() {
        history.count(analyze, code: 200, after: .zero, at: minute(0))
        #expect(history.slices(last: 1440, step: 20, now: minute(1400)).reduce(0) { $0 + $1.requests } == 1)
        #expect(history.slices(last: 1440, step: 20, now: minute(1461)).reduce(0) { $0 + $1.requests } == 0)
        history.count(analyze, code: 200, after: .zero, at: minute(1440))
        #expect(history.slices(last: 1440, step: 1, now: minute(1440)).reduce(0) { $0 + $1.requests } == 1)
    }

    /// Within the half octave of a bin: a factor of the square root of two at most.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func estimatesQuantiles(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let values = (0..<400).map { _ in 0.0005 * exp(Double.random(in: 0..<9, using: &random)) }.sorted()
        for value in values { history.count(analyze, code: 200, after: .seconds(value), at: start) }
        let counts = try #require(history.slices(last: 1, step: 1, now: start).first?.latency)
        for p in [0.1, 0.5, 0.9, 0.99] {
            let truth = values[min(399, Int((p * 400).rounded(.up)) - 1)]
            let found = try #require(TrafficHistory.quantile(p, of: counts))
            #expect(found / truth < 1.42 && truth / found < 1.42, "seed \(seed), \(p)")
        }
        #expect(TrafficHistory.quantile(0.5, of: [0, 0]) == nil)
    }

    /// One cell for each thing that is counted; a full day stays within some megabytes.
    @Test func staysSmall() {
        let cells = history.routes.count * (4 + TrafficHistory.latencyBounds.count + 1) + 7 * 20
        #expect(cells * 4 * TrafficHistory.minutes < 8 << 20)
    }

    @Test func watchesNoRoutesOfItsOwn() {
        #expect(!history.routes.contains { $0.hasPrefix("operator") || $0 == "health" || $0 == "metrics" })
    }
}
