import Foundation
import Testing
import TheriacGeneration
import TheriacTesting

/// Answers as it is told, and notes what it was asked.
private struct Scripted: ContinuationSource {
    var refuses: Set<String> = []
    var stopsAt: String?
    var asked: [String] = []
    let sourceName = "a script"
    let gives: Set<ModelNeed> = [.text]

    struct Stopped: Error {}

    mutating func answer(
        _ prompts: [(id: String, text: String)], each: ([PromptAnswer]) throws -> Void
    ) throws {
        for prompt in prompts {
            if prompt.id == stopsAt { throw Stopped() }
            asked.append(prompt.id)
            if refuses.contains(prompt.id) {
                try each([PromptAnswer(promptID: prompt.id, .refused(reason: "it has none"))])
                continue
            }
            let continuations = (0..<2).map {
                Continuation(promptID: prompt.id, sample: $0, text: prompt.text + "\($0)", finish: .length)
            }
            try each([PromptAnswer(promptID: prompt.id, .written(continuations, tokens: 7))])
        }
    }
}

@Suite struct ContinuationSourceTests {
    private func run(_ source: inout Scripted, to file: URL) throws -> GenerationRun.Outcome {
        var settings = GenerationSettings()
        settings.samples = 2
        return try GenerationRun(output: file, settings: settings, identity: "a").run(
            &source, prompts: ["a", "b", "c", "d"].map { ($0, $0) })
    }

    @Test func aRunAsksForWhatItHasNotAndTriesRefusedPromptsAgain() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("out.jsonl")
        var source = Scripted(refuses: ["b"], stopsAt: "d")
        #expect(throws: Scripted.Stopped.self) { try run(&source, to: file) }
        var next = Scripted(refuses: ["b"])
        let outcome = try run(&next, to: file)
        #expect(next.asked == ["b", "d"])
        #expect(outcome.refused.map(\.id) == ["b"] && outcome.refused.map(\.reason) == ["it has none"])
        #expect(outcome.tokens == 7)
        var last = Scripted()
        #expect(try run(&last, to: file).refused.isEmpty)
        #expect(last.asked == ["b"])
        #expect(
            try GenerationRun.continuations(in: file).map(\.promptID) == [
                "a", "a", "c", "c", "d", "d", "b", "b",
            ])
    }

    @Test func aLocalCheckpointAnswersTheSameWhateverTheBatch() throws {
        let model = try TinyModel().load()
        let long = String(repeating: "word ", count: 100)
        let prompts = [("a", "Hello"), ("b", long), ("c", ""), ("d", "There"), ("e", long)]
        func answers(rows: Int) throws -> [String] {
            var settings = GenerationSettings()
            (settings.samples, settings.maxNewTokens, settings.batchRows) = (2, 4, rows)
            var generator = try TextGenerator(model, settings: settings)
            var found: [String] = []
            try generator.answer(prompts) { answers in
                found += answers.map { answer in
                    switch answer.outcome {
                    case .written(let texts, let tokens):
                        "\(answer.promptID) \(texts.map(\.tokens)) \(tokens)"
                    case .refused(let reason): "\(answer.promptID) \(reason)"
                    }
                }
            }
            return found.sorted()
        }
        let one = try answers(rows: 2)
        #expect(one.map { $0.prefix(1) } == ["a", "b", "c", "d", "e"])
        #expect(one[1].contains("Shorten it.") && one[4].contains("Shorten it."))
        #expect(try answers(rows: 4) == one)
        #expect(try answers(rows: 100) == one)
    }

    @Test func theFirstUnmetNeedIsNamed() throws {
        let source = Scripted()
        try source.check([], for: "Nothing")
        try source.check([.text], for: "A filter")
        let unmet = try #require(throws: UnmetNeed.self) {
            try source.check([.gradients, .logits], for: "PPLM")
        }
        #expect(unmet.need == .logits)
        #expect(
            unmet.description
                == "PPLM needs the model's logits, and a script gives text only. Use a local checkpoint, or leave it out."
        )
    }
}
