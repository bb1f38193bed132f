import Foundation
import Testing
import TheriacCorpora
import TheriacDetection
import TheriacGeneration
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTraining

@testable import TheriacDetox

/// Calls a text toxic by its share of the letter `a`, and cannot score one in eight.
private struct LetterDetector: Detector {
    let identity = DetectorIdentity(name: "letters", version: "1.0.0", hash: "abc", trainingHash: "def")
    let attributes: [Attribute] = [.toxicity]

    func verdicts(for texts: [String]) -> [Verdict] {
        texts.map { text in
            let bytes = Array(text.utf8)
            guard bytes.count % 8 != 0 else { return .unscored(reason: "no score") }
            return .scored([.toxicity: Float(bytes.count(where: { $0 == 0x61 })) / Float(bytes.count)])
        }
    }
}

@Suite struct SelfGeneratedTrainingTests {
    private func settings() -> SelfGeneratedTrainingSettings {
        var settings = SelfGeneratedTrainingSettings()
        settings.variant = .standard
        settings.generations = 100
        settings.maxNewTokens = 12
        settings.blockLength = 16
        settings.adapter.rank = 2
        settings.training.epochs = 1
        settings.training.precision = .fp32
        return settings
    }

    @Test func keepsTheLeastToxicHalfAndNeverATextWithoutAScore() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let training = SelfGeneratedTraining(settings(), steer: LetterDetector(), folder: folder.url)
        let adapter = try training.run(modelFolder: model.folder, asset: { folder.file($0) })
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.file("kept.json")))
        let kept = try #require(object as? [String: Any])
        #expect(kept["written"] as? Int == 100)
        #expect(kept["kept"] as? Int == 50)
        #expect((kept["unscored"] as? Int ?? 0) > 0)
        let (before, after) = (kept["meanToxicityWritten"] as? Double, kept["meanToxicityKept"] as? Double)
        #expect(try #require(after) < #require(before))
        let origin = try AdapterOrigin(folder: adapter)
        #expect(origin.method == "sgeat" && origin.steer?.name == "letters")
    }

    @Test func theAdapterLoadsAndChangesTheModel() throws {
        let folder = try TemporaryFolder()
        let tiny = try TinyModel()
        let adapter = try SelfGeneratedTraining(settings(), steer: LetterDetector(), folder: folder.url)
            .run(modelFolder: tiny.folder, asset: { folder.file($0) })
        let plain = try tiny.load()
        let before = try Torch.withoutGradients { try plain.model.logits(of: [[1, 2, 3]]).floats() }
        try LoRAAdapter(on: plain.model, folder: adapter).merge()
        let after = try Torch.withoutGradients { try plain.model.logits(of: [[1, 2, 3]]).floats() }
        #expect(largestDifference(before, after) > 1e-4)
    }

    @Test func aFinishedTrainingIsNotDoneAgainAndAnotherIsRefused() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let training = SelfGeneratedTraining(settings(), steer: LetterDetector(), folder: folder.url)
        _ = try training.run(modelFolder: model.folder, asset: { folder.file($0) })
        var stages: [String] = []
        _ = try training.run(modelFolder: model.folder, asset: { folder.file($0) }) {
            stages.append($0.stage)
        }
        #expect(stages.isEmpty)
        var other = settings()
        other.keep = 0.25
        #expect(throws: GenerationRunError.self) {
            try SelfGeneratedTraining(other, steer: LetterDetector(), folder: folder.url)
                .run(modelFolder: model.folder, asset: { folder.file($0) })
        }
    }
}
