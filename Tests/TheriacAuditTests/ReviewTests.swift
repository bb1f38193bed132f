import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@testable import TheriacAudit

@Suite struct ReviewTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private let folder: TemporaryFolder
    private let store: AuditStore

    init() throws {
        folder = try TemporaryFolder()
        store = try AuditStore(at: folder.file("store.sqlite"))
    }

    private func add(
        _ kind: Feedback.Kind, _ text: String, community: String? = nil, token: String? = nil,
        key: Int64? = nil,
        day: Double = 0
    ) async throws -> Int64 {
        var one = Feedback(kind, text: text, suggested: ["toxicity": 1], time: Self.start + day * 86_400)
        one.community = community
        one.clientToken = token
        one.keyID = key
        return try await store.add(one)
    }

    @Test func reviewsAllOrNone() async throws {
        let first = try await add(.flag, "one")
        let second = try await add(.flag, "two")
        #expect(throws: AuditError.unknownRows(what: "feedback", ids: [77])) {
            try store.review([first, 77], as: .accepted, reviewer: "me")
        }
        #expect(try store.feedback(FeedbackFilter(status: .open)).count == 2)
        try store.review([second], as: .rejected, reviewer: "me", note: "quoted", time: Self.start)
        let reviewed = try #require(try store.feedback(FeedbackFilter(status: .rejected)).first)
        #expect(reviewed.id == second && reviewed.reviewer == "me" && reviewed.note == "quoted")
        #expect(reviewed.reviewedAt == Self.start)
    }

    @Test func reviewsACommunityAtOnce() async throws {
        for number in 0..<3 { _ = try await add(.suggestion, "a\(number)", community: "a") }
        _ = try await add(.suggestion, "b", community: "b")
        let count = try store.review(
            FeedbackFilter(status: .open, community: "a"), as: .accepted, reviewer: nil)
        #expect(count == 3)
        let counts = try store.feedbackCounts()
        #expect(counts.map(\.count) == [3, 1] && counts.map(\.status) == [.accepted, .open])
    }

    /// Rows: suggestion open, accepted, rejected; flag open, accepted, rejected.
    @Test func trustsAsAsked() async throws {
        var ids: [Int64] = []
        for kind in Feedback.Kind.allCases {
            for status in Feedback.Status.allCases {
                ids.append(try await add(kind, "\(kind) \(status)"))
                try store.review([ids[ids.count - 1]], as: status, reviewer: nil)
            }
        }
        func found(_ trust: FeedbackTrust) throws -> Set<Int64> {
            var found = Set<Int64>()
            try store.forEachFeedback(FeedbackFilter(trust: trust)) { found.insert($0.id) }
            return found
        }
        #expect(try found(.accepted) == [ids[1], ids[4]])
        #expect(try found(.unrejected) == [ids[0], ids[1], ids[4]])
    }

    @Test func anErrorOfTheReaderComesOutAsItIs() async throws {
        _ = try await add(.flag, "one")
        struct Stop: Error {}
        #expect(throws: Stop.self) { try store.forEachFeedback { _ in throw Stop() } }
    }

    @Test func deletesByTokenOnlyWhatCameWithTheSameKey() async throws {
        _ = try await add(.suggestion, "one", token: "comment:1", key: 1)
        _ = try await add(.suggestion, "two", token: "comment:1", key: 1)
        _ = try await add(.suggestion, "three", token: "comment:1", key: 2)
        _ = try await add(.suggestion, "four", token: "comment:1")
        #expect(try store.deleteFeedback(clientToken: "comment:1", keyID: 1) == 2)
        #expect(try store.deleteFeedback(clientToken: "comment:1", keyID: nil) == 1)
        #expect(try store.feedback().map(\.text) == ["three"])
    }

    /// What was deleted is nowhere in the files.
    @Test func purgesWithoutATrace() async throws {
        _ = try await add(.flag, "an old remark about herons", day: 0)
        _ = try await add(.flag, "a new remark about storks", day: 10)
        #expect(try store.purgeFeedback(olderThan: Self.start + 86_400) == 1)
        var bytes = Data()
        for name in try folder.names() where !name.hasSuffix("-shm") {
            bytes += try Data(contentsOf: folder.file(name))
        }
        #expect(bytes.range(of: Data("herons".utf8)) == nil)
        #expect(bytes.range(of: Data("storks".utf8)) != nil)
    }

    @Test func readsWhatItWrites() throws {
        var one = Feedback(.flag, text: "text", suggested: ["insult": 0.5], time: Self.start)
        one.community = "c"
        one.reason = "rude"
        one.subject = .output
        one.context = ["before"]
        let data = try JSONEncoder().encode(one)
        let read = try data.withUnsafeBytes { try Feedback(json: try JSONScanner.value(in: $0)) }
        #expect(read == one)
    }

    static let wrong: [(json: String, reason: String)] = [
        ("{}", "the field 'text' is not a string"),
        (
            "{\"text\": \"x\", \"suggested\": {\"a\": \"b\"}}",
            "the field 'suggested' is not an object of numbers"
        ),
        ("{\"text\": \"x\", \"kind\": \"flg\"}", "the field 'kind' is not one of suggestion, flag"),
        (
            "{\"text\": \"x\", \"suggested\": {\"a\": 1}, \"time\": \"today\"}",
            "the field 'time' is not a date such as 2026-11-22T16:00:00Z"
        ),
    ]

    @Test(arguments: wrong)
    func namesTheFieldThatIsWrong(json: String, reason: String) throws {
        let value = try Array(json.utf8).withUnsafeBytes { try JSONScanner.value(in: $0) }
        #expect(throws: AuditError.invalid(what: "feedback", reason: reason)) { try Feedback(json: value) }
    }
}
