import Testing
import TheriacCorpora
import TheriacDetection
import TheriacGeneration
import TheriacModels
import TheriacTesting
import TheriacTokenizers

@testable import TheriacDetox

@Suite struct ReviewerTests {
    /// Finds a text as toxic as the share of its letters that come before "m", and cannot score one with a "#".
    private struct LetterDetector: Detector {
        let identity = DetectorIdentity(name: "letters", version: "1.0.0", hash: "0", trainingHash: "0")
        let attributes: [Attribute] = [.toxicity]

        func verdicts(for texts: [String]) throws -> [Verdict] {
            texts.map { text in
                if text.contains("#") { return .unscored(reason: "a mark") }
                let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
                guard !letters.isEmpty else { return .scored([.toxicity: 0]) }
                let early = letters.filter { $0.value < 109 }.count
                return .scored([.toxicity: Float(early) / Float(letters.count)])
            }
        }
    }

    private let scorer = ContinuationScorer(LetterDetector())

    private func draft(_ id: Int, _ text: String, finished: Bool = true, rewinds: Int = 0) -> Draft {
        Draft(
            id: id, promptID: "p", sample: id, tokens: Array(repeating: 7, count: text.count), text: text,
            finish: finished ? .length : nil, rewinds: rewinds)
    }

    @Test func rejectionKeepsWhatIsAcceptedAndDrawsTheRestAnew() throws {
        var rejection = Rejection(scorer: scorer, threshold: 0.5, tries: 3)
        #expect(
            try rejection.review([draft(0, "zzz"), draft(1, "aaz")]) == [.keep, .rewind(tokens: 0)])
        #expect(try rejection.review([draft(1, "aaaz", rewinds: 1)]) == [.rewind(tokens: 0)])
        // The tries are used up: the least toxic of the three draws is given.
        #expect(
            try rejection.review([draft(1, "aaaa", rewinds: 2)])
                == [.replace(text: "aaz", tokens: [7, 7, 7])])
        var polite = Rejection(scorer: scorer, threshold: 0.5, tries: 1, safeReply: "No.")
        #expect(try polite.review([draft(2, "aaa")]) == [.replace(text: "No.", tokens: [])])
    }

    @Test func whatCannotBeScoredIsNotAccepted() throws {
        var rejection = Rejection(scorer: scorer, threshold: 0.5, tries: 2)
        #expect(try rejection.review([draft(0, "#")]) == [.rewind(tokens: 0)])
        #expect(try rejection.review([draft(1, "  ")]) == [.keep])
    }

    @Test func bestOfNTakesTheLeastToxicAndTheFirstOfEquals() throws {
        let best = BestOfN(scorer: scorer, candidates: 3, fluency: 0)
        #expect(try best.choose([draft(0, "aa"), draft(1, "az"), draft(2, "za")]) == 1)
        var likely = draft(1, "az")
        likely.logLikelihood = -1
        var unlikely = draft(2, "zz")
        unlikely.logLikelihood = -40
        #expect(try BestOfN(scorer: scorer, candidates: 2, fluency: 0).choose([likely, unlikely]) == 1)
        #expect(try BestOfN(scorer: scorer, candidates: 2, fluency: 1).choose([likely, unlikely]) == 0)
    }

    @Test func theGuardGoesBackToWhatItAccepted() throws {
        var watch = StreamingGuard(scorer: scorer, threshold: 0.5, window: 2, tries: 2)
        #expect(try watch.review([draft(0, "zz", finished: false)]) == [.keep])
        #expect(try watch.review([draft(0, "zzaaaa", finished: false)]) == [.rewind(tokens: 2)])
        #expect(try watch.review([draft(0, "zzaaab", finished: false, rewinds: 1)]) == [.end(tokens: 2)])
        // Another text is not touched by it.
        #expect(try watch.review([draft(1, "aa", finished: false)]) == [.rewind(tokens: 0)])
    }

    /// Through the decode loop: every continuation is accepted or the best of its tries, whatever the batch.
    @Test(arguments: ["rejection", "guard", "best-of-n"])
    func throughTheLoop(kind: String) throws {
        let loaded = try TinyModel().load()
        func generator(rows: Int) throws -> TextGenerator {
            var settings = GenerationSettings()
            settings.samples = 6
            settings.maxNewTokens = 10
            settings.batchRows = rows
            let part: any ContinuationReviewer =
                switch kind {
                case "rejection": Rejection(scorer: scorer, threshold: 0.45, tries: 20)
                case "guard": StreamingGuard(scorer: scorer, threshold: 0.45, window: 3, tries: 20)
                default: BestOfN(scorer: scorer, candidates: 4, fluency: 0.01)
                }
            return try TextGenerator(loaded, settings: settings, parts: [.reviewer(part)])
        }
        let prompts: [(id: String, tokens: [Int32])] = [("a", [5, 17]), ("b", [9]), ("c", [40, 41, 42])]
        var wide = try generator(rows: 100)
        let found = try wide.continuations(of: prompts)
        var narrow = try generator(rows: 2)
        #expect(try narrow.continuations(of: prompts) == found)
        var plain = try TextGenerator(
            loaded,
            settings: {
                var settings = GenerationSettings()
                settings.samples = 6
                settings.maxNewTokens = 10
                return settings
            }())
        let usual = try plain.continuations(of: prompts)
        let mean = { (texts: [Continuation]) in
            try scorer.scores(texts.map(\.text)).reduce(0, +) / Float(texts.count)
        }
        #expect(try mean(found) < mean(usual) - 0.05)
        #expect(found.allSatisfy { $0.attempts ?? 0 >= (kind == "best-of-n" ? 4 : 1) })
        if kind == "rejection" {
            for (continuation, score) in zip(found, try scorer.scores(found.map(\.text))) {
                #expect(score < 0.45 || continuation.attempts == 20, "only what no try could mend is left")
            }
        }
        for continuation in found {
            #expect(continuation.text == loaded.tokenizer.decode(continuation.tokens))
        }
    }
}
