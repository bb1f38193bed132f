import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct ScoredTextFileTests {
    @Test func readsEveryFormOfScores() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            {"id": "a", "text": "one", "scores": {"toxicity": 0.25, "unknown": 7}, "scorer": {"name": "x", "revision": "2"}}
            {"id": 2, "attributes": {"insult": 1}, "detector": "judge@1"}
            {"text": "three", "labels": {"toxicity": true, "threat": null}, "groups": ["g", "h"]}
            {"text": "four", "profanity": 0}
            """, to: "scored.jsonl")
        let reading = try ScoredTextFile.read(path: file.path)
        #expect(reading.problems.isEmpty)
        #expect(
            reading.elements == [
                ScoredText(id: "a", text: "one", scores: [.toxicity: 0.25], scorer: "x@2"),
                ScoredText(id: "2", text: nil, scores: [.insult: 1], scorer: "judge@1"),
                ScoredText(id: "2", text: "three", scores: [.toxicity: 1], groups: ["g", "h"]),
                ScoredText(id: "3", text: "four", scores: [.profanity: 0]),
            ])
    }

    @Test func readsTablesAndPlainText() throws {
        let folder = try TemporaryFolder()
        let table = try folder.write("id,body,toxicity,insult\nx,Hello,0.5,\ny,Bye,true,1\n", to: "t.csv")
        let rows = try ScoredTextFile.read(path: table.path, column: "body").elements
        #expect(rows.map(\.scores) == [[.toxicity: 0.5], [.toxicity: 1, .insult: 1]])
        #expect(rows.map(\.text) == ["Hello", "Bye"])
        let plain = try folder.write("one\ntwo\n", to: "t.txt")
        #expect(try ScoredTextFile.read(path: plain.path).elements.map(\.scores) == [[:], [:]])
    }

    @Test func scoresOutsideTheRangeAreProblems() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "{\"text\": \"a\", \"toxicity\": 1.5}\n{\"text\": \"b\", \"scores\": {\"threat\": \"high\"}}\n{\"text\": 3}\n{\"text\": \"c\"}\n",
            to: "bad.jsonl")
        let reading = try ScoredTextFile.read(path: file.path)
        #expect(reading.problems.map(\.line) == [1, 2, 3] && reading.elements.count == 1)
        #expect(reading.problems[1].reason == "the score 'threat' is not a number in 0...1")
    }
}
