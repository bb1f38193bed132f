import Foundation
import Testing
import TheriacCorpora
import TheriacFiles
import TheriacOptions

@testable import TheriacDetection

@Suite struct DetectorTrainingTests {
    /// Invented comments: "grumpy" and "rotten" make a text toxic.
    private func writeSurge(_ folder: URL, seed: UInt64 = 1) throws {
        var random = TestRandom(seed: seed)
        let plain = [
            "tree", "river", "walk", "paper", "window", "music", "garden", "letter", "morning", "bread",
        ]
        var lines: [String] = []
        for id in 0..<600 {
            var words = (0..<Int.random(in: 4...9, using: &random)).map { _ in
                plain.randomElement(using: &random) ?? ""
            }
            let isToxic = id % 2 == 0
            if isToxic {
                words.insert(id % 4 == 0 ? "grumpy" : "rotten", at: Int.random(in: 0...3, using: &random))
            }
            let split = ["train", "train", "train", "valid", "test"][id % 5]
            lines.append(
                "{\"id\":\(id),\"text\":\"\(words.joined(separator: " ")) \(id)\",\"toxic\":\(isToxic),\"split\":\"\(split)\"}"
            )
        }
        let toxicity = folder.appending(path: "toxicity")
        try FileManager.default.createDirectory(at: toxicity, withIntermediateDirectories: true)
        try Data(lines.joined(separator: "\n").utf8).write(to: toxicity.appending(path: "surge.jsonl"))
    }

    private func recipe(_ more: String = "") throws -> DetectorRecipe {
        let yaml = """
            name: toy
            features: { hash-bits: 12 }
            training: { epochs: 6, learning-rate: 0.1, minimum-texts: 2 }
            sets: [{ name: surge }]
            \(more)
            """
        return try DetectorRecipe(OptionValue(yaml: yaml, source: "recipe"), source: "recipe")
    }

    @Test func learnsWhatMakesATextToxic() throws {
        try Place.withTemporaryFolder { folder in
            try writeSurge(folder)
            let output = folder.appending(path: "toy")
            let stages = Stages()
            let report = try DetectorTraining.run(recipe: try recipe(), dataFolder: folder, output: output) {
                stages.names.append($0.stage)
            }
            #expect(stages.names.first == "reading the sets")
            let score = try #require(report.scores.first { $0.attribute == .toxicity })
            #expect(score.texts == 120)
            #expect(score.part == "test")
            #expect(try #require(score.areaUnderROC).value > 0.98)
            #expect(try #require(score.f1).value > 0.95)
            let detector = try Detectors.load(folder: output)
            #expect(detector.identity == report.detector)
            let scores = try detector.verdicts(for: ["what a rotten garden", "what a garden"]).map {
                $0.toxicity ?? -1
            }
            #expect(scores[0] > 0.8 && scores[1] < 0.2)
            let card = try String(contentsOf: output.appending(path: "card.md"), encoding: .utf8)
            #expect(card.contains("| surge | test | toxicity | 120 |"))
            let saved = try Data(contentsOf: output.appending(path: "report.json"))
            #expect(try JSONDecoder().decode(DetectorReport.self, from: saved) == report)
        }
    }

    @Test func sameRecipeSameDetector() throws {
        try Place.withTemporaryFolder { folder in
            try writeSurge(folder)
            let hashes = try ["a", "b"].map { name in
                let output = folder.appending(path: name)
                _ = try DetectorTraining.run(recipe: try recipe(), dataFolder: folder, output: output)
                return try sha256(ofFileAt: output.appending(path: "weights.safetensors"))
            }
            #expect(hashes[0] == hashes[1])
        }
    }

    @Test func partsShareNoTextAndNothingHeldOutIsLearnt() throws {
        try Place.withTemporaryFolder { folder in
            try writeSurge(folder)
            let whole = try TrainingData(try recipe(), dataFolder: folder)
            let parts = try (0..<2).map {
                try TrainingData(try recipe("part: \($0)\nparts: 2"), dataFolder: folder)
            }
            let names = parts.map { Set($0.training.map { TextPart.name(of: $0.text) }) }
            #expect(names[0].isDisjoint(with: names[1]))
            #expect(names[0].count + names[1].count == whole.training.count)
            #expect(names.allSatisfy { $0.count > 100 })
            let heldOut = Set((whole.validation + whole.test).map { TextPart.name(of: $0.text) })
            #expect(names.allSatisfy { $0.isDisjoint(with: heldOut) })
            #expect(parts[0].trainingHash != parts[1].trainingHash)
        }
    }

    @Test func partIgnoresSpelling() {
        #expect(TextPart.name(of: "Hello,  WORLD!") == TextPart.name(of: "hello world"))
        #expect(TextPart.name(of: "hello world") != TextPart.name(of: "world hello"))
    }

    @Test func refusesSetsThatMayNotBeLearntFrom() throws {
        let folder = FileManager.default.temporaryDirectory
        func message(_ set: String) throws -> String {
            var recipe = try recipe()
            recipe.sets[0].name = set
            do {
                _ = try DetectorTraining.run(
                    recipe: recipe, dataFolder: folder, output: folder.appending(path: "none"))
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            try message("davidson") == """
                The detector's recipe cannot be followed: the set 'davidson' is of the licence group 'restricted'; \
                'licence-groups' allows open, shareAlike.
                """)
        #expect(
            try message("hatemoji-check") == """
                The detector's recipe cannot be followed: the set 'hatemoji-check' is for evaluation only.
                """)
        #expect(try message("nothing").contains("there is no set 'nothing'; known: "))
    }

    @Test func refusesMisspeltRecipes() {
        #expect { try recipe("calibraton: [surge]") } throws: {
            "\($0)".contains("Did you mean 'calibration'?")
        }
        #expect { try recipe("part: 2\nparts: 2") } throws: {
            "\($0)".contains("part is 2; it must be in 0...1")
        }
        #expect { try recipe("kind: forest") } throws: {
            "\($0)".contains("it must be one of linear, transformer")
        }
    }

    @Test(arguments: ["steer", "judge", "judge-further"])
    func bundledRecipesCanBeRead(name: String) throws {
        let file = Place.package.appending(path: "Recipes/train-\(name).yaml")
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        let recipe = try DetectorRecipe(OptionValue(yamlFile: file), source: file.path)
        #expect(name.hasPrefix(recipe.name))
        #expect(!recipe.shortTexts.isEmpty)
        for texts in recipe.shortTexts {
            #expect(FileManager.default.fileExists(atPath: texts.file), "\(texts.file)")
        }
        for set in recipe.sets.map(\.name) + recipe.tests { #expect(Datasets.named(set) != nil, "\(set)") }
    }

    @Test func missingLabelsTeachNothing() {
        var features = FeatureSettings()
        features.hashBits = 10
        var settings = LinearTrainingSettings()
        settings.minimumTexts = 1
        settings.epochs = 4
        let texts = (0..<40).map { index in
            TrainingText(
                text: index % 2 == 0 ? "red house" : "blue house",
                targets: [index % 2 == 0 ? 1 : 0] + [Float](repeating: .nan, count: 6),
                weights: [Float](repeating: 1, count: 7))
        }
        var trainer = LinearDetectorTrainer(settings, features: features, texts: texts)
        let model = trainer.train { _, _, _ in true }
        #expect(model.weights.contains { $0[0] != 0 })
        #expect(model.weights.allSatisfy { weight in (1..<8).allSatisfy { weight[$0] == 0 } })
        #expect(Set(model.features.map(\.slot)).count == model.features.count)
    }

    @Test func calibrationFindsTheMapItWasMadeWith() {
        var random = TestRandom(seed: 9)
        let logits = (0..<4000).map { _ in Double.random(in: -4...4, using: &random) }
        let soft = logits.map { 1 / (1 + exp(-(1.7 * $0 - 0.6))) }
        let fitted = Calibration.fit(logits: logits, targets: soft)
        #expect(abs(fitted.slope - 1.7) < 1e-3 && abs(fitted.intercept + 0.6) < 1e-3)
        let hard = soft.map { Double.random(in: 0...1, using: &random) < $0 ? 1.0 : 0.0 }
        let noisy = Calibration.fit(logits: logits, targets: hard)
        #expect(abs(noisy.slope - 1.7) < 0.2 && abs(noisy.intercept + 0.6) < 0.2)
        #expect(Calibration.fit(logits: [1, 2], targets: [0, 1]) == .identity)
    }
}

/// Gathers what the progress closure says.
private final class Stages {
    var names: [String] = []
}
