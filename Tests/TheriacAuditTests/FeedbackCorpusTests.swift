import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@testable import TheriacAudit

@Suite struct FeedbackCorpusTests {
    private func suggestion(
        _ text: String, _ values: [String: Double], session: String? = nil, token: String? = nil,
        community: String? = nil, id: Int64
    ) -> Feedback {
        var one = Feedback(.suggestion, text: text, suggested: values)
        (one.session, one.clientToken, one.community, one.id) = (session, token, community, id)
        return one
    }

    private func entries(_ feedback: [Feedback]) -> [FeedbackCorpus.Entry] {
        var corpus = FeedbackCorpus()
        for one in feedback { corpus.add(one) }
        return corpus.entries
    }

    @Test func opinionsBecomeASoftLabel() throws {
        let found = entries([
            suggestion("Good  Morning", ["TOXICITY": 1], community: "b", id: 1),
            suggestion("good morning", ["TOXICITY": 0, "APPROVED": 1], community: "a", id: 2),
            suggestion("good morning", ["TOXICITY": 0], community: "a", id: 3),
            suggestion("another", ["insult": 0.5], id: 4),
        ])
        #expect(found.map(\.text) == ["Good  Morning", "another"])
        #expect(
            found[0].scores == ["toxicity": 1.0 / 3, "approved": 1] && found[1].scores == ["insult": 0.5])
        #expect(found[0].raters == ["toxicity": 3, "approved": 1])
        #expect(found[0].groups == ["a", "b"] && found[1].groups.isEmpty)
    }

    @Test func aRaterMayChangeTheirMind() {
        let found = entries([
            suggestion("x", ["toxicity": 1], token: "comment:1", id: 1),
            suggestion("x", ["toxicity": 0], token: "comment:1", id: 2),
            suggestion("x", ["toxicity": 1], session: "s", token: "comment:2", id: 3),
            suggestion("x", ["toxicity": 0.5], session: "s", token: "comment:3", id: 4),
        ])
        #expect(found.map(\.scores) == [["toxicity": 0.25]] && found[0].raters == ["toxicity": 2])
    }

    @Test func whatIsRejectedOrHasNoTextIsLeftOut() {
        var rejected = suggestion("x", ["toxicity": 1], id: 1)
        rejected.status = .rejected
        var corpus = FeedbackCorpus()
        corpus.add(rejected)
        corpus.add(Feedback(.flag, text: "y", doNotStore: true))
        #expect(corpus.entries.isEmpty && corpus.withoutText == 1)
    }

    @Test func flagsAndSpansSayTheirPart() {
        #expect(Feedback(.flag, text: "x").labels == ["toxicity": 1])
        #expect(Feedback(.flag, text: "x", suggested: ["toxicity": 0]).labels == ["toxicity": 0])
        var spans = Feedback(.suggestion, text: "x", suggested: ["THREAT": 0])
        spans.spans = [0.2, 0.7].map { Feedback.Span(attribute: "INSULT", begin: 0, end: 1, value: $0) }
        #expect(spans.labels == ["THREAT": 0, "INSULT": 0.7])
    }

    /// The interchange is what ``ScoredTextFile`` reads.
    @Test func isReadAsACorpus() throws {
        let folder = try TemporaryFolder()
        let encoder = JSONEncoder()
        let lines = try entries([
            suggestion("one", ["TOXICITY": 0.25, "APPROVED": 1], community: "c", id: 1),
            suggestion("two\n🙂", ["INSULT": 1], id: 2),
        ]).map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        let file = try folder.write(lines.joined(separator: "\n"), to: "feedback.jsonl")
        let read = try LabelledText.reading(file: file.path, dataset: "feedback")
        #expect(read.problems.isEmpty)
        #expect(read.elements.map(\.text) == ["one", "two\n🙂"])
        #expect(read.elements.map(\.labels) == [[.toxicity: 0.25], [.insult: 1]])
        #expect(read.elements.allSatisfy { $0.dataset == "feedback" && $0.split == nil })
        let bare = try folder.write("{\"scores\": {}}\n{\"text\": 3}\n", to: "bare.jsonl")
        #expect(try LabelledText.reading(file: bare.path, dataset: "x").problems.count == 2)
    }
}
