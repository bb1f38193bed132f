import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@testable import TheriacEvaluation

/// Prompts as the harness writes them, from invented rows.
@Suite struct ZeroShotTaskTests {
    private func question(_ task: any ZeroShotTask, _ json: String) throws -> TaskQuestion? {
        let value = try Data(json.utf8).withUnsafeBytes { try JSONScanner.value(in: $0) }
        return try task.question(TaskRow(value))
    }

    /// Contexts and continuations, one after the other.
    private func prompts(_ task: any ZeroShotTask, _ json: String) throws -> [String] {
        try #require(try question(task, json)).requests.flatMap { [$0.context, $0.continuation] }
    }

    @Test func lambadaAsksForTheLastWord() throws {
        let found = try prompts(LAMBADA(), #"{"context": "He fed the", "target": "cat"}"#)
        #expect(found == ["He fed the", " cat"])
    }

    @Test func hellaSwagCleansAndCapitalizes() throws {
        let row = #"""
            {"context": "Baking: A man mixes dough. the Man", "endings": [" waits [step] long. ", "leaves [title] Home"],
            "label": 1}
            """#
        let found = try #require(try question(HellaSwag(), row))
        #expect(found.requests[0].context == "Baking: A man mixes dough. The man")
        #expect(
            found.requests.map(\.continuation)
                == [" waits long.", " leaves.  Home"].map {
                    $0.replacingOccurrences(of: "  ", with: " ")
                })
        #expect(found.right == [1] && found.lengths == [11, 12])
        #expect(HellaSwag.capitalizingLastSentence("A: He sits. Then He Goes") == "A: He sits. Then He Goes")
    }

    @Test func questionAndAnswerForms() throws {
        let piqa = try prompts(PIQA(), #"{"goal": "Dry hair", "sol1": "a", "sol2": "b", "label": 0}"#)
        #expect(piqa == ["Question: Dry hair\nAnswer:", " a", "Question: Dry hair\nAnswer:", " b"])
        let boolq = try prompts(BoolQ(), #"{"passage": "P.", "question": "is it", "label": true}"#)
        #expect(boolq == ["P.\nQuestion: is it?\nAnswer:", " no", "P.\nQuestion: is it?\nAnswer:", " yes"])
        let cb = try prompts(CommitmentBank(), #"{"premise": "P", "hypothesis": "h", "label": "neutral"}"#)
        #expect(cb[0] == "P\nQuestion: h. True, False, or Neither?\nAnswer:" && cb[5] == " Neither")
        let rte = try prompts(RTE(), #"{"premise": "P", "hypothesis": "H.", "label": "not_entailment"}"#)
        #expect(rte[0] == "P\nQuestion: H. True or False?\nAnswer:" && rte[3] == " False")
        let anli = try #require(
            try question(ANLI(round: 2), #"{"premise": "P", "hypothesis": "H.", "label": 2}"#))
        #expect(anli.requests[anli.right[0]].continuation == " False")
    }

    @Test func theContextVariesInWinoGrande() throws {
        let row = #"""
            {"sentence": "The cup did not fit the box because the _ was big.", "option1": "cup", "option2": "box",
            "answer": "1"}
            """#
        let found = try #require(try question(WinoGrande(), row))
        #expect(
            found.requests.map(\.context)
                == ["cup", "box"].map { "The cup did not fit the box because the " + $0 })
        #expect(found.requests.allSatisfy { $0.continuation == " was big." } && found.right == [0])
        let schema = #"{"sentence": "Ann met Bo. _ smiled.", "choices": ["Ann", "The boy"], "label": 1}"#
        #expect(try prompts(WinogradSchemas(), schema)[2...] == ["Ann met Bo. The boy", "  smiled."])
        let inside = #"{"sentence": "Ann smiled since _ won.", "choices": ["Ann", "The boy"], "label": 1}"#
        #expect(try prompts(WinogradSchemas(), inside)[2] == "Ann smiled since the boy")
    }

    @Test func copaJoinsWithTwoBlanks() throws {
        let row = #"""
            {"split": "valid", "premise": "The lamp fell. ", "choice1": "It Broke.", "choice2": "It rose.",
            "question": "effect", "label": 0}
            """#
        #expect(try prompts(COPA(), row)[..<2] == ["The lamp fell therefore", "  it Broke."])
        #expect(try question(COPA(), row.replacingOccurrences(of: "valid", with: "train")) == nil)
    }

    @Test func wordsAreFoundByTheirScalars() throws {
        let row = #"""
            {"word": "bank", "sentence1": "é bank", "sentence2": "banks", "start1": 2, "end1": 6, "label": false}
            """#
        #expect(try prompts(WordInContext(), row)[0].contains("Is the word 'bank' used in the same way"))
        let wsc = #"""
            {"text": "Ann did n't call , so she left .", "target": {"span1_text": "Ann", "span2_text": "she",
            "span1_index": 0, "span2_index": 6}, "label": true}
            """#
        #expect(
            try prompts(WinogradSuperGLUE(), wsc)[0]
                == "Passage: Ann didn't call, so *she* left.\nQuestion: In the passage above, does the pronoun \"*she*\" "
                + "refer to \"*Ann*\"?\nAnswer:")
    }

    @Test func raceGivesTheEarlierAnswers() throws {
        let row = #"""
            {"article": "Text.", "problems": [
            {"question": "Who?", "options": ["a", "b", "c", "d"], "answer": "B"},
            {"question": "It is  _  .", "options": ["e", "f", "g", "h"], "answer": "A"},
            {"question": "Why?", "options": ["i", "j", "k", "l"], "answer": "D"}]}
            """#
        let found = try #require(try question(RACE(), row))
        #expect(
            found.requests[3].context
                == "Article: Text.\n\nQuestion: Who?\nAnswer: b\nIt is e\nWhy?")
        #expect(found.right == [3] && found.requests[3].continuation == " l")
    }

    @Test func truthfulQAKnowsSeveralRightAnswers() throws {
        let row = #"""
            {"question": "Q?", "best_answer": "t", "correct_answers": ["t", "u"], "incorrect_answers": ["f"]}
            """#
        let single = try #require(try question(TruthfulQA(.single), row))
        let multiple = try #require(try question(TruthfulQA(.multiple), row))
        #expect(single.requests.count == 2 && multiple.requests.count == 3 && multiple.right == [0, 1])
        #expect(single.requests[0].context.hasPrefix("Q: What is human life expectancy"))
        #expect(single.requests[0].context.hasSuffix("Barcelona, Spain.\n\nQ: Q?\nA:"))
    }

    @Test func partsAndLetters() throws {
        let arc = #"{"set": "easy", "split": "test", "question": "Q", "choices": ["a", "b"], "label": 1}"#
        #expect(try prompts(ARC(.easy), arc)[2...] == ["Question: Q\nAnswer:", " b"])
        #expect(try question(ARC(.challenge), arc) == nil)
        let csqa = #"{"question": "Q ", "choices": ["v", "w", "x", "y", "z"], "label": 4}"#
        #expect(
            try prompts(CommonsenseQA(), csqa)[8...] == [
                "Question: Q\nA. v\nB. w\nC. x\nD. y\nE. z\nAnswer:", " E",
            ])
        #expect(
            try prompts(BLiMP(), #"{"good": "It is.", "bad": "It are."}"#) == ["", " It is.", "", " It are."])
    }

    @Test func namesAreKnownAndUnlike() {
        let names = ZeroShotTasks.all.map(\.card.name)
        #expect(Set(names).count == names.count)
        #expect(ZeroShotTasks.named("arc").map(\.card.name) == ["arc_easy", "arc_challenge"])
        #expect(ZeroShotTasks.named("lambada").count == 1 && ZeroShotTasks.named("rte").count == 1)
        #expect(ZeroShotTasks.named("nothing").isEmpty)
        #expect(ZeroShotTasks.names.allSatisfy { !ZeroShotTasks.named($0).isEmpty })
    }

    @Test func aBadRowIsNamedAndTheRestGoesOn() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            {"context": "a", "target": "b"}
            {"context": "a"}
            not json
            {"context": "c", "target": "d"}
            {"context": "e", "target": "f"}

            """, to: "lambada.jsonl")
        let found = try TaskItems(of: LAMBADA(), in: file, limit: 2)
        #expect(found.items.map(\.question.target) == [" b", " d"] && found.original == 3)
        #expect(found.problems.count == 2)
        #expect(found.problems[0] == "zero-shot/lambada.jsonl, line 2: the field 'target' is not a string")
    }
}

/// Every row of the public files makes a question.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
struct SharedZeroShotTests {
    @Test(arguments: ZeroShotTasks.all.map(\.card.name))
    func everyRowIsRead(name: String) throws {
        let task = try #require(ZeroShotTasks.named(name).first)
        guard let file = SharedData.file("data/" + task.card.file) else { return }
        let found = try TaskItems(of: task, in: file)
        #expect(found.problems.isEmpty && found.items.count == found.original && !found.items.isEmpty)
        for item in found.items {
            let count = item.question.requests.count
            #expect(count == item.question.lengths.count && item.question.right.allSatisfy { $0 < count })
            #expect(item.question.lengths.allSatisfy { $0 > 0 })
        }
    }
}
