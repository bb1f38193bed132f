import Foundation
import Testing
import TheriacCorpora
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTraining

@testable import TheriacDetection

@Suite struct TransformerTrainingTests {
    /// A folder with a base in `.models/tiny`, invented comments in `data`, and a recipe.
    private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        // Products this small are slower on several threads.
        try Torch.setThreads(1)
        return try Place.withTemporaryFolder { folder in
            try TinyBert.write(to: folder.appending(path: ".models/tiny"))
            try writeSets(folder.appending(path: "data"))
            return try body(folder)
        }
    }

    /// "grumpy" and "rotten" make a text toxic; in the set with spans they are the span.
    private func writeSets(_ folder: URL) throws {
        var random = TestRandom(seed: 4)
        let plain = [
            "tree", "river", "walk", "paper", "window", "music", "garden", "letter", "morning", "bread",
        ]
        var surge: [String] = []
        var spans: [String] = []
        for id in 0..<300 {
            var words = (0..<Int.random(in: 3...8, using: &random)).map { _ in
                plain.randomElement(using: &random) ?? ""
            }
            let place = Int.random(in: 0...words.count, using: &random)
            let isToxic = id % 2 == 0
            if isToxic { words.insert(id % 4 == 0 ? "grumpy" : "rotten", at: place) }
            let text = words.joined(separator: " ")
            let split = ["train", "train", "train", "valid", "test"][id % 5]
            surge.append("{\"id\":\(id),\"text\":\"\(text)\",\"toxic\":\(isToxic),\"split\":\"\(split)\"}")
            let start = words.prefix(place).reduce(0) { $0 + $1.count + 1 }
            spans.append(
                "{\"id\":\(id),\"text\":\"\(text) a\",\"ranges\":[\(isToxic ? "[\(start),\(start + 6)]" : "")],"
                    + "\"split\":\"\(split)\"}")
        }
        let toxicity = folder.appending(path: "toxicity")
        try FileManager.default.createDirectory(at: toxicity, withIntermediateDirectories: true)
        try Data(surge.joined(separator: "\n").utf8).write(to: toxicity.appending(path: "surge.jsonl"))
        try Data(spans.joined(separator: "\n").utf8).write(
            to: toxicity.appending(path: "semeval-toxic-spans.jsonl"))
    }

    private func recipe(_ folder: URL, _ more: String = "", steps: Int = 250) throws -> DetectorRecipe {
        let yaml = """
            kind: transformer
            name: toy
            base: tiny
            adapter: { rank: 4, alpha: 16, targets: [all-linear] }
            reading: { window: 24, overlap: 6 }
            training: { steps: \(steps), batch: 16, learning-rate: 1e-2, warm-up: 10, precision: fp32,
                        checkpoint-every: 10, validate-every: 25, patience: 0, seed: 3 }
            sets: [{ name: surge }]
            \(more)
            """
        return try DetectorRecipe(
            OptionValue(yaml: yaml, source: "recipe"), source: folder.appending(path: "recipe.yaml").path)
    }

    private func train(
        _ recipe: DetectorRecipe, _ folder: URL, to name: String, stopAfter: Int? = nil
    ) throws -> DetectorReport? {
        try DetectorTraining.run(
            recipe: recipe, dataFolder: folder.appending(path: "data"), output: folder.appending(path: name),
            stopAfter: stopAfter)
    }

    @Test func learnsWhatMakesATextToxic() throws {
        try withFolder { folder in
            let report = try #require(try train(try recipe(folder), folder, to: "toy"))
            #expect(try #require(report.validationLoss.min()) < 0.3, "\(report.validationLoss)")
            let score = try #require(report.scores.first { $0.attribute == .toxicity })
            #expect(score.part == "test" && score.texts > 30)
            #expect(try #require(score.areaUnderROC).value > 0.8)
            let output = folder.appending(path: "toy")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                    == [".models", "data", "toy"])
            let detector = try Detectors.load(folder: output)
            #expect(detector.identity == report.detector)
            #expect(detector.attributes == Attribute.allCases)
            let scores = try detector.verdicts(for: ["a rotten garden", "a garden"]).map { $0.toxicity ?? -1 }
            #expect(scores[0] > 0.7 && scores[1] < 0.3)
            let card = try String(contentsOf: output.appending(path: "card.md"), encoding: .utf8)
            #expect(card.contains("A transformer: the encoder tiny with a low-rank adapter of rank 4"))
        }
    }

    /// It has the weights of the lowest held-out loss; storing them in bfloat16 and merging them changes little.
    @Test func whatIsWrittenIsWhatWasTrained() throws {
        try withFolder { folder in
            let recipe = try recipe(folder)
            let data = try TrainingData(recipe, dataFolder: folder.appending(path: "data"))
            let learnt = try #require(
                try recipe.learner.learn(
                    recipe, data, workspace: folder.appending(path: "work"), limit: nil, progress: { _ in }))
            var loss = 0.0
            let logits = try learnt.logits(of: data.validation.map(\.text))
            for (text, logits) in zip(data.validation, logits) {
                loss += crossEntropyOfLogit(
                    try #require(logits)[0], Double(try #require(text.labels[.toxicity])))
            }
            let lowest = try #require(learnt.validationLosses.min())
            #expect(abs(loss / Double(data.validation.count) - lowest) < 0.01)
            #expect(try #require(learnt.validationLosses.last) > lowest)
        }
    }

    @Test func stoppedAndContinuedEqualsStraight() throws {
        try withFolder { folder in
            let recipe = try recipe(folder, steps: 25)
            let straight = try #require(try train(recipe, folder, to: "straight"))
            #expect(try train(recipe, folder, to: "parts", stopAfter: 7) == nil)
            #expect(try train(recipe, folder, to: "parts", stopAfter: 14) == nil)
            let parts = try #require(try train(recipe, folder, to: "parts"))
            #expect(parts == straight)
            #expect(parts.detector.hash == straight.detector.hash)
        }
    }

    @Test func anOtherRunIsNotContinued() throws {
        try withFolder { folder in
            let first = try recipe(folder, steps: 25)
            #expect(try train(first, folder, to: "toy", stopAfter: 3) == nil)
            let other = try recipe(folder, steps: 26)
            #expect { try train(other, folder, to: "toy") } throws: {
                "\($0)".contains("holds a checkpoint of another run")
            }
        }
    }

    @Test func changedFilesAndBasesAreNoticed() throws {
        try withFolder { folder in
            _ = try train(try recipe(folder, steps: 2), folder, to: "toy")
            let output = folder.appending(path: "toy")
            let adapter = output.appending(path: "adapter/adapter_model.safetensors")
            let bytes = try Data(contentsOf: adapter)
            try (bytes + Data([0])).write(to: adapter)
            #expect { try Detectors.load(folder: output) } throws: { "\($0)".contains("has the SHA-256") }
            try bytes.write(to: adapter)
            _ = try Detectors.load(folder: output)
            try TinyBert.write(to: folder.appending(path: ".models/tiny"), seed: 2)
            #expect { try Detectors.load(folder: output) } throws: { "\($0)".contains("has the SHA-256") }
        }
    }

    @Test func tokensOfSpansScoreHigher() throws {
        try withFolder { folder in
            // One set, with spans; a label for every token.
            var recipe = try recipe(folder, "span-head: true\nspan-weight: 1", steps: 150)
            recipe.sets[0].name = "semeval-toxic-spans"
            _ = try train(recipe, folder, to: "toy")
            let detector = try TransformerDetector(folder: folder.appending(path: "toy"))
            #expect(detector.hasSpanHead)
            let tokens = try detector.tokenToxicity(of: "the garden is rotten bread")
            #expect(tokens.map(\.scalars) == [0..<3, 4..<10, 11..<13, 14..<20, 21..<26])
            #expect(tokens.map(\.probability).max() == tokens[3].probability)
            #expect(tokens[3].probability > 0.5 && tokens[1].probability < 0.5)
            let long = (0..<40).map { $0 == 33 ? "rotten" : "tree" }.joined(separator: " ")
            #expect(try detector.tokenToxicity(of: long).count == 40)
        }
    }

    @Test func allWeightsMayBeTrained() throws {
        try withFolder { folder in
            var recipe = try recipe(folder, steps: 3)
            var learner = try #require(recipe.learner as? TransformerLearner)
            learner.isFull = true
            learner.training.learningRate = 1e-3
            recipe.learner = learner
            let report = try #require(try train(recipe, folder, to: "toy"))
            // The base is not needed any more.
            try FileManager.default.removeItem(at: folder.appending(path: ".models"))
            let detector = try Detectors.load(folder: folder.appending(path: "toy"))
            #expect(detector.identity == report.detector)
        }
    }

    @Test func ownLabelsMayBeHeads() throws {
        try withFolder { folder in
            var random = TestRandom(seed: 8)
            let lines = (0..<60).map { id in
                let text = TinyBert.text(6, using: &random)
                let (a, b, c) = [
                    ("OFF", "\"TIN\"", "\"IND\""), ("OFF", "\"UNT\"", "null"), ("NOT", "null", "null"),
                ][id % 3]
                let split = id % 5 == 0 ? "valid" : "train"
                return "{\"id\":\"\(id)\",\"text\":\"\(text)\",\"subtask_a\":\"\(a)\",\"subtask_b\":\(b),"
                    + "\"subtask_c\":\(c),\"split\":\"\(split)\"}"
            }
            try Data(lines.joined(separator: "\n").utf8).write(
                to: folder.appending(path: "data/toxicity/olid.jsonl"))
            var recipe = try recipe(
                folder,
                """
                heads: [{ label: olid/OFF, attribute: toxicity }, { label: olid/TIN, attribute: insult }]
                licence-groups: [restricted]
                balance: true
                """, steps: 2)
            recipe.sets[0].name = "olid"
            _ = try train(recipe, folder, to: "olid")
            let detector = try TransformerDetector(folder: folder.appending(path: "olid"))
            #expect(detector.labels == ["olid/OFF", "olid/TIN"])
            #expect(detector.attributes == [.toxicity, .insult])
        }
    }

    @Test func goesOnFromAnotherDetector() throws {
        try withFolder { folder in
            let first = try #require(try train(try recipe(folder), folder, to: "toy"))
            // No step moves a weight: what comes out is what went in, head by head.
            let still =
                "training: { steps: 1, batch: 16, learning-rate: 0, decay: 0, precision: fp32, seed: 9 }"
            func further(_ more: String) throws -> DetectorRecipe {
                let yaml = """
                    kind: transformer
                    name: further
                    base: tiny
                    from: toy
                    adapter: { rank: 4, alpha: 16, targets: [all-linear] }
                    reading: { window: 24, overlap: 6 }
                    sets: [{ name: surge }]
                    \(still)
                    \(more)
                    """
                return try DetectorRecipe(
                    OptionValue(yaml: yaml, source: "recipe"),
                    source: folder.appending(path: "recipe.yaml").path)
            }
            let same = try #require(try train(try further(""), folder, to: "same"))
            #expect(same.detector.trainingHash != first.detector.trainingHash)
            let texts = ["a rotten garden", "a garden", "grumpy morning bread"]
            func logits(_ name: String) throws -> [[Float]] {
                let detector = try TransformerDetector(folder: folder.appending(path: name))
                return try detector.windowScores(of: texts).map { try #require($0)[0] }
            }
            #expect(try logits("same") == logits("toy"))
            _ = try train(try further("heads: [threat, toxicity]"), folder, to: "fewer")
            #expect(try logits("fewer").map { $0[1] } == logits("toy").map { $0[0] })

            var other = try further("")
            var learner = try #require(other.learner as? TransformerLearner)
            learner.adapter.rank = 2
            other.learner = learner
            #expect { try train(other, folder, to: "no") } throws: {
                "\($0)".contains("give 'adapter' as it was there")
            }
            try TinyBert.write(to: folder.appending(path: ".models/tiny"), seed: 2)
            #expect { try train(try further(""), folder, to: "no") } throws: {
                "\($0)".contains("over the base 'tiny', and 'base' is another")
            }
        }
    }

    @Test func refusesWhatCannotBe() throws {
        try withFolder { folder in
            #expect { try recipe(folder, "heads: [rudeness]") } throws: {
                "\($0)".contains("'rudeness' is neither an attribute nor a set's own label such as olid/OFF")
            }
            #expect { try recipe(folder, "positive-weight: { wit: 2 }") } throws: {
                "\($0)".contains("positive-weight.wit")
            }
            var lost = try recipe(folder)
            var learner = try #require(lost.learner as? TransformerLearner)
            learner.base = "no-such-base"
            lost.learner = learner
            #expect { try train(lost, folder, to: "toy") } throws: {
                "\($0)".contains("The base model 'no-such-base' is not there")
            }
        }
    }

    @Test func balancedHeadsWeighBothSidesTheSame() throws {
        try withFolder { folder in
            var learner = try #require(try recipe(folder).learner as? TransformerLearner)
            learner.heads = [DetectorHead(label: "toxicity")]
            learner.isBalanced = true
            let student = try TransformerStudent(learner)
            let maker = TransformerExamples(learner, student.cutter)
            var examples = [1, 0, 0, 0.25].map { target in
                HeadExample(windows: [[2, 4, 3]], targets: [target], weights: [2])
            }
            maker.weighPositives(&examples)
            let positive = examples.reduce(0) { $0 + $1.weights[0] * $1.targets[0] }
            let negative = examples.reduce(0) { $0 + $1.weights[0] * (1 - $1.targets[0]) }
            #expect(abs(positive - negative) < 1e-5)
        }
    }
}
