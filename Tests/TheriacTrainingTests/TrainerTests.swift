import Foundation
import Testing
import TheriacModels
import TheriacTensors
import TheriacTesting

@testable import TheriacTraining

@Suite struct TrainerTests {
    /// A tiny model, a corpus that repeats itself, and a folder to train in.
    private final class Workshop {
        let tiny: TinyModel
        let temporary: TemporaryFolder
        var settings = TrainingSettings()
        var identity = "run-1"
        var log: URL { temporary.file("training.jsonl") }
        var checkpoint: URL { temporary.file("checkpoint.safetensors") }

        init() throws {
            tiny = try TinyModel()
            temporary = try TemporaryFolder()
            settings.steps = 12
            settings.batch = 4
            settings.microBatch = 2
            settings.warmUp = 2
            settings.learningRate = 5e-3
            settings.precision = .fp32
            settings.checkpointEvery = 5
        }

        static var corpus: PackedTokens {
            var packed = PackedTokens(blockLength: 16, endOfText: TinyModel.endOfText)
            for start: Int32 in 0..<20 { packed.append((0..<15).map { (start * 3 + $0) % 50 + 60 }) }
            return packed
        }

        /// A model and a trainer as a new process would make them.
        func trainer(_ task: ((LoadedModel) -> any TrainingTask)? = nil) throws -> (Trainer, LoadedModel) {
            let loaded = try tiny.load()
            loaded.model.computeType = settings.precision.dtype
            let plain = LanguageModeling(
                loaded.model, Self.corpus, recomputesActivations: settings.recomputesActivations)
            let trainer = try Trainer(
                loaded.model.parameters.map { ($0.name, $0.tensor) }, task: task?(loaded) ?? plain,
                settings: settings,
                identity: identity, folder: temporary.url)
            return (trainer, loaded)
        }

        func weights(_ loaded: LoadedModel) throws -> [[UInt8]] {
            try loaded.model.parameters.map { try $0.tensor.bytes() }
        }

        func losses() throws -> [Double] {
            try String(contentsOf: log, encoding: .utf8).split(separator: "\n").enumerated().map {
                index, line in
                let progress = try JSONDecoder().decode(TrainingProgress.self, from: Data(line.utf8))
                #expect(progress.step == index + 1)
                return progress.loss
            }
        }
    }

    @Test(arguments: [Precision.fp32, .bf16])
    func learnsATinyCorpus(precision: Precision) throws {
        let workshop = try Workshop()
        workshop.settings.steps = 60
        workshop.settings.precision = precision
        let (trainer, loaded) = try workshop.trainer()
        var seen: [TrainingProgress] = []
        try trainer.run { seen.append($0) }
        #expect(seen.count == 60)
        #expect(seen[0].loss > 5)
        #expect(seen[59].loss < 1.5, "\(seen[59].loss)")
        #expect(seen.map(\.step) == Array(1...60))
        #expect(seen.allSatisfy { $0.total == 60 && $0.gradientNorm > 0 && $0.tokensPerSecond > 0 })
        #expect(seen.map(\.learningRate) == (0..<60).map { workshop.settings.rate(at: $0, of: 60) })
        #expect(loaded.model.parameters.allSatisfy { $0.tensor.dtype == .float32 })
        #expect(try workshop.losses() == seen.map(\.loss))
        #expect(try workshop.temporary.names() == ["checkpoint.safetensors", "training.jsonl"])
    }

    @Test(arguments: [false, true])
    func goesOnBitForBit(recomputing: Bool) throws {
        let straight = try Workshop()
        straight.settings.recomputesActivations = recomputing
        let (trainer, loaded) = try straight.trainer()
        try trainer.run()

        let interrupted = try Workshop()
        interrupted.settings.recomputesActivations = recomputing
        try interrupted.trainer().0.run(limit: 5)
        let (second, resumed) = try interrupted.trainer()
        #expect(second.stepsDone == 5)
        #expect(second.totalSteps == 12)
        try second.run(limit: 7)
        #expect(try interrupted.losses() == straight.losses())
        #expect(try interrupted.weights(resumed) == straight.weights(loaded))
        // A finished run has nothing more to do, and says so by doing nothing.
        let (third, same) = try interrupted.trainer()
        #expect(third.stepsDone == 12)
        try third.run { _ in Issue.record("it made another update") }
        #expect(try interrupted.weights(same) == straight.weights(loaded))
        #expect(try interrupted.losses() == straight.losses())
    }

    /// What SIGKILL leaves behind: a checkpoint, log lines past it, the last one torn, and part of a new checkpoint.
    @Test func goesOnAfterItWasKilled() throws {
        let straight = try Workshop()
        let (trainer, loaded) = try straight.trainer()
        try trainer.run()

        let killed = try Workshop()
        try killed.trainer().0.run(limit: 5)
        let checkpoint = try Data(contentsOf: killed.checkpoint)
        try killed.trainer().0.run(limit: 4)
        try checkpoint.write(to: killed.checkpoint)
        let handle = try FileHandle(forWritingTo: killed.log)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"gradient_norm":1.2,"learni"#.utf8))
        try handle.close()
        try killed.temporary.write("half", to: ".checkpoint.safetensors.1-1.partial")

        let (again, resumed) = try killed.trainer()
        #expect(again.stepsDone == 5)
        try again.run()
        #expect(try killed.losses() == straight.losses())
        #expect(try killed.weights(resumed) == straight.weights(loaded))
    }

    @Test func writesCheckpointsWhenItSaid() throws {
        let workshop = try Workshop()
        let (trainer, _) = try workshop.trainer()
        var existed: [Bool] = []
        try trainer.run { _ in
            existed.append(FileManager.default.fileExists(atPath: workshop.checkpoint.path))
        }
        // The report of a step comes before its checkpoint.
        #expect(existed == (1...12).map { $0 > 5 })
    }

    @Test func refusesACheckpointOfAnotherRun() throws {
        let workshop = try Workshop()
        try workshop.trainer().0.run(limit: 1)
        workshop.identity = "run-2"
        let error = #expect(throws: TrainingError.self) { _ = try workshop.trainer() }
        #expect(
            error?.description
                == "\(workshop.temporary.url.path) holds a checkpoint of another run (model, data or settings differ). "
                + "Choose another --output, or remove it.")
    }

    @Test(arguments: [10, 3000])
    func refusesADamagedCheckpoint(kept: Int) throws {
        let workshop = try Workshop()
        try workshop.trainer().0.run(limit: 1)
        try Data(contentsOf: workshop.checkpoint).prefix(kept).write(to: workshop.checkpoint)
        #expect(throws: (any Error).self) { _ = try workshop.trainer() }
    }

    @Test func refusesACheckpointWithoutAWeight() throws {
        let workshop = try Workshop()
        try workshop.trainer().0.run(limit: 1)
        let loaded = try workshop.tiny.load()
        let error = #expect(throws: TrainingError.self) {
            _ = try Trainer(
                [("another.name", loaded.model.parameters[0].tensor)],
                task: LanguageModeling(loaded.model, Workshop.corpus), settings: workshop.settings,
                identity: workshop.identity, folder: workshop.temporary.url)
        }
        #expect(
            error?.description
                == "The checkpoint cannot be read: 'weight:another.name' is missing or has another form. Remove it to start "
                + "again.")
    }

    /// The loss of the wrapped task, until a step at which it is not a number.
    private final class Diverging: TrainingTask {
        private let task: LanguageModeling
        private let step: Int
        private var calls = 0
        init(_ task: LanguageModeling, at step: Int) { (self.task, self.step) = (task, step) }
        var examples: Int { task.examples }
        var tokensPerExample: Int { task.tokensPerExample }
        func accumulate(_ examples: [Int], scale: Double) throws -> Double {
            let loss = try task.accumulate(examples, scale: scale)
            calls += 1
            return calls == 2 * step ? .nan : loss  // two parts an update
        }
    }

    @Test func reportsALossThatIsNoNumberAndKeepsTheLastCheckpoint() throws {
        let workshop = try Workshop()
        let (trainer, _) = try workshop.trainer {
            Diverging(LanguageModeling($0.model, Workshop.corpus), at: 8)
        }
        let error = #expect(throws: TrainingError.self) { try trainer.run() }
        #expect(
            error?.description
                == "The loss stopped being a finite number at step 8. Lower the learning rate or lengthen the warm-up; the "
                + "last checkpoint is kept.")
        #expect(try workshop.losses().count == 7)
        // It goes on from step 5.
        let (second, resumed) = try workshop.trainer()
        #expect(second.stepsDone == 5)
        try second.run()
        let straight = try Workshop()
        let (other, loaded) = try straight.trainer()
        try other.run()
        #expect(try workshop.weights(resumed) == straight.weights(loaded))
    }

    @Test func divergesForRealAtAnAbsurdRate() throws {
        let workshop = try Workshop()
        workshop.settings.learningRate = 1e30
        workshop.settings.warmUp = 0
        workshop.settings.clip = 0
        let (trainer, _) = try workshop.trainer()
        let error = #expect(throws: TrainingError.self) { try trainer.run() }
        let hasDiverged = if case .diverged? = error { true } else { false }
        #expect(hasDiverged, "\(String(describing: error))")
    }

    @Test func accumulatesToTheSameUpdate() throws {
        let whole = try Workshop()
        whole.settings.microBatch = 4
        var (wholeNorms, partNorms): ([Double], [Double]) = ([], [])
        try whole.trainer().0.run(limit: 4) { wholeNorms.append($0.gradientNorm) }
        let parts = try Workshop()
        parts.settings.microBatch = 1
        try parts.trainer().0.run(limit: 4) { partNorms.append($0.gradientNorm) }
        // Adam magnifies the last digits of gradients near zero, so later steps part a little.
        try expectClose(parts.losses(), whole.losses(), absolute: 1e-3)
        expectClose(partNorms, wholeNorms, absolute: 0, relative: 1e-2)
        expectClose(partNorms[0], wholeNorms[0], absolute: 0, relative: 1e-5)
    }

    @Test func needsExamplesAndAnEvenBatch() throws {
        let workshop = try Workshop()
        let error = #expect(throws: TrainingError.self) {
            _ = try workshop.trainer {
                LanguageModeling($0.model, PackedTokens(blockLength: 16, endOfText: 0))
            }
        }
        #expect(
            error?.description
                == "There is not one example to train on. Is the corpus empty, or shorter than one block?")
        workshop.settings.microBatch = 3
        let uneven = #expect(throws: TrainingError.self) { _ = try workshop.trainer() }
        #expect(
            uneven?.description
                == "A batch of 4 examples cannot be computed 3 at a time. Choose a micro-batch that divides it."
        )
    }

    @Test func trainsAnAdapterAndNothingElse() throws {
        let workshop = try Workshop()
        let loaded = try workshop.tiny.load()
        let before = try workshop.weights(loaded)
        let adapter = try LoRAAdapter(on: loaded.model, settings: LoRASettings(), seed: 1)
        let trainer = try Trainer(
            zip(adapter.parameterNames, adapter.parameters).map { ($0, $1) },
            task: LanguageModeling(loaded.model, Workshop.corpus), settings: workshop.settings,
            identity: "adapter",
            folder: workshop.temporary.url)
        try trainer.run()
        #expect(try workshop.weights(loaded) == before)
        #expect(try adapter.parameters[1].floats().contains { $0 != 0 })
        let losses = try workshop.losses()
        #expect(losses[11] < losses[0])
    }

    @Test func freesEveryTensor() throws {
        let workshop = try Workshop()
        workshop.settings.steps = 3
        try expectNoTensorLeaks {
            try? FileManager.default.removeItem(at: workshop.checkpoint)
            try workshop.trainer().0.run()
        }
    }
}

@Suite struct TrainingLogTests {
    private func progress(_ step: Int) -> TrainingProgress {
        TrainingProgress(
            step: step, total: 9, loss: Double(step), learningRate: 0.1, gradientNorm: 1, tokensPerSecond: 2)
    }

    @Test func writesLinesPastTheCheckpointAnew() throws {
        let folder = try TemporaryFolder()
        let url = folder.file("training.jsonl")
        do {
            let log = try TrainingLog(url, keepingSteps: 0)
            for step in 1...4 { try log.append(progress(step)) }
        }
        let whole = try String(contentsOf: url, encoding: .utf8)
        try Data((whole + #"{"step": 5, "to"#).utf8).write(to: url)
        let log = try TrainingLog(url, keepingSteps: 2)
        try log.append(progress(3))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let steps = try lines.map {
            try JSONDecoder().decode(TrainingProgress.self, from: Data($0.utf8)).step
        }
        #expect(steps == [1, 2, 3])
        #expect(
            lines[0]
                == #"{"gradient_norm":1,"learning_rate":0.1,"loss":1,"step":1,"tokens_per_second":2,"total":9}"#
        )
    }
}
