import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct PromptFileTests {
    private static func read(_ content: String, as name: String = "a.jsonl") throws -> Reading<Prompt> {
        let folder = try TemporaryFolder()
        return try PromptFile.read(path: folder.write(content, to: name).path)
    }

    @Test func readsEveryLayout() throws {
        let reading = try Self.read(
            """
            {"prompt":"plain"}
            {"prompt":"with id","id":"p","toxicity":0.25}
            {"filename":"f","begin":1,"prompt":{"text":"rtp","toxicity":0.5,"threat":null},"continuation":{"text":"x"}}
            {"prompt":{"text":"unscored","toxicity":null}}
            {"prompt":{"text":"trust","idx":3,"score":{"toxicity":0.75}},"source":"s"}
            {"prompt":{"text":""},"id":9}
            """)
        #expect(
            reading
                == Reading(elements: [
                    Prompt(id: "0", text: "plain"), Prompt(id: "p", text: "with id", toxicity: 0.25),
                    Prompt(id: "2", text: "rtp", toxicity: 0.5), Prompt(id: "3", text: "unscored"),
                    Prompt(id: "4", text: "trust", toxicity: 0.75), Prompt(id: "9", text: ""),
                ]))
    }

    @Test func reportsBadLinesAndGoesOn() throws {
        let reading = try Self.read(
            """
            {"text":"no prompt"}
            {"prompt":["a"]}
            {"prompt":{"txt":"a"}}
            {"prompt":"a","toxicity":1.5}
            {"prompt":{"text":"a","toxicity":"high"}}
            {"prompt":"good","id":"x"}
            {"prompt":"again","id":"x"}
            {"prompt":"clash","id":"8"}
            {"prompt":"ninth"}
            nonsense
            """)
        #expect(reading.elements.map(\.text) == ["good", "clash"])
        #expect(
            reading.problems.map(\.description) == [
                "Line 1: there is no field 'prompt'.",
                "Line 2: its 'prompt' is neither a string nor an object with a string 'text'.",
                "Line 3: its 'prompt' is neither a string nor an object with a string 'text'.",
                "Line 4: its toxicity is not a number in 0...1.",
                "Line 5: its toxicity is not a number in 0...1.",
                "Line 7: its id is that of line 6.",
                "Line 9: its id is that of line 8.",
                "Line 10: it is not valid JSON: an object is expected (byte 0).",
            ])
    }

    @Test func readsTables() throws {
        let reading = try Self.read("id,prompt,toxicity\n1,\"a, b\",0.5\n2,c,\n3,d,x\n", as: "a.csv")
        #expect(
            reading.elements == [Prompt(id: "1", text: "a, b", toxicity: 0.5), Prompt(id: "2", text: "c")])
        #expect(reading.problems == [LineProblem(line: 4, reason: "its toxicity is not a number in 0...1")])
        #expect(try Self.read("one\ntwo\n", as: "a.txt").elements.map(\.text) == ["one", "two"])
    }

    static let shared: [(path: String, count: Int, scored: Int)] = [
        ("prompts/rtp-mixed.jsonl", 4149, 4131), ("prompts/rtp-toxic.jsonl", 1007, 1007),
        ("prompts/adversarial-gpt4.jsonl", 1020, 1020), ("prompts/bold.jsonl.gz", 23679, 0),
        ("prompts/toxigen.jsonl", 3100, 0), ("prompts/xstest.csv", 450, 0),
    ]

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"), arguments: shared)
    func readsTheSharedFiles(path: String, count: Int, scored: Int) throws {
        let reading = try PromptFile.read(path: try #require(SharedData.file("data/" + path)).path)
        #expect(reading.problems.isEmpty)
        #expect(reading.elements.count == count)
        #expect(reading.elements.count { $0.toxicity != nil } == scored)
    }
}
