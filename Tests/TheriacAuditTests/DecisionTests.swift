import Foundation
import Testing
import TheriacTesting

@testable import TheriacAudit

@Suite struct DecisionTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func decision(_ toxicity: Double?, minute: Double = 0, action: String = "pass") -> Decision {
        var decision = Decision(
            route: "comments:analyze", detector: "judge@1.1.0", detectorHash: "ab",
            scores: toxicity.map { ["toxicity": $0] } ?? [:], action: action, latency: .microseconds(1500),
            time: Self.start + minute * 60)
        decision.text = "a remark about herons"
        return decision
    }

    private func store(keepsTexts: Bool) throws -> (AuditStore, TemporaryFolder) {
        let folder = try TemporaryFolder()
        var settings = AuditStore.Settings()
        settings.keepsTexts = keepsTexts
        return (try AuditStore(at: folder.file("store.sqlite"), settings: settings), folder)
    }

    @Test(arguments: [false, true], [false, true])
    func keepsTextsOnlyWhenOperatorAndRequestAllowIt(keepsTexts: Bool, doNotStore: Bool) throws {
        let (store, folder) = try store(keepsTexts: keepsTexts)
        var one = decision(0.5)
        one.stage = "input"
        one.rule = "input[1]"
        one.keyID = 2
        one.community = "c"
        one.doNotStore = doNotStore
        #expect(store.record(one))
        store.flush()
        let stored = try #require(try store.decisions().first)
        #expect(stored.text == (keepsTexts && !doNotStore ? one.text : nil))
        #expect(stored.textHash == (doNotStore ? nil : Feedback.hash(of: "a remark about herons")))
        one.id = stored.id
        (one.text, one.textHash, one.doNotStore) = (stored.text, stored.textHash, false)
        #expect(stored == one)
        _ = folder
    }

    @Test func comesToTheDiskByItself() async throws {
        let (store, folder) = try store(keepsTexts: false)
        store.record(decision(0.5))
        for _ in 0..<100 {
            if try store.decisions().count == 1 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try store.decisions().count == 1)
        _ = folder
    }

    @Test func countsAndDistributes() throws {
        let (store, folder) = try store(keepsTexts: false)
        for score in [0.05, 0.09, 0.1, 1] { store.record(decision(score)) }
        store.record(decision(0.55, minute: 61, action: "flag"))
        store.record(decision(nil, minute: 61, action: "flag"))
        store.record(decision(0.5, minute: -1))
        store.flush()
        let found = try store.scoreDistributions(of: "toxicity", since: Self.start, interval: 3600)
        #expect(found.map(\.counts) == [[2, 1, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]])
        #expect(found.map(\.start) == [Self.start, Self.start + 3600])
        #expect(try store.scoreDistributions(of: "in\"sult", since: Self.start, interval: 60).isEmpty)
        let counts = try store.decisionCounts(since: Self.start)
        #expect(counts.map(\.action) == ["pass", "flag"] && counts.map(\.count) == [4, 2])
        #expect(try store.purgeDecisions(olderThan: Self.start) == 1)
        #expect(try store.decisions(since: Self.start + 60).count == 2)
        _ = folder
    }

    @Test func keepsThresholdsByCommunity() throws {
        let (store, folder) = try store(keepsTexts: false)
        func one(_ community: String?, _ attribute: String, _ value: Double, _ hash: String = "ab")
            -> CommunityThreshold
        {
            CommunityThreshold(
                community: community, attribute: attribute, threshold: value, low: 0.1, high: 0.9, goal: "g",
                texts: 5, positives: 2, detector: "judge@1", detectorHash: hash, learntAt: Self.start)
        }
        try store.replaceThresholds([one("x", "toxicity", 0.3)])
        let all = [
            one(nil, "insult", 0.6), one(nil, "toxicity", 0.5), one("a", "toxicity", 0.8),
            one("b", "toxicity", 0.2, "cd"),
        ]
        try store.replaceThresholds(all)
        #expect(try store.thresholds() == all)
        #expect(try store.thresholds(for: "a", detectorHash: "ab") == ["insult": 0.6, "toxicity": 0.8])
        #expect(try store.thresholds(for: "b", detectorHash: "ab") == ["insult": 0.6, "toxicity": 0.5])
        #expect(try store.thresholds(for: nil, detectorHash: "cd").isEmpty)
        _ = folder
    }
}
