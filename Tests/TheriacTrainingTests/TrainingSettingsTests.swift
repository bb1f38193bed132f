import Testing
import TheriacModels
import TheriacOptions
import TheriacTesting

@testable import TheriacTraining

@Suite struct TrainingSettingsTests {
    private func settings(_ change: (inout TrainingSettings) -> Void) -> TrainingSettings {
        var settings = TrainingSettings()
        change(&settings)
        return settings
    }

    @Test func warmsUpInEqualSteps() {
        let settings = settings {
            $0.learningRate = 1
            $0.warmUp = 4
            $0.schedule = .constant
        }
        expectClose((0..<6).map { settings.rate(at: $0, of: 10) }, [0.25, 0.5, 0.75, 1, 1, 1])
    }

    /// 0.1 + 0.9 · (1 + cos πt) / 2 with t = 0, 1/4, 1/2, 3/4 of the ten steps after the warm-up.
    @Test func fallsAlongTheCosineToATenth() {
        let settings = settings {
            $0.learningRate = 2
            $0.warmUp = 4
        }
        expectClose(settings.rate(at: 4, of: 12), 2)
        expectClose(settings.rate(at: 6, of: 12), 2 * (0.1 + 0.45 * 1.70710678))
        expectClose(settings.rate(at: 8, of: 12), 2 * 0.55)
        expectClose(settings.rate(at: 10, of: 12), 2 * (0.1 + 0.45 * 0.29289322))
        expectClose(settings.rate(at: 12, of: 12), 0.2)
        let rates = (4..<12).map { settings.rate(at: $0, of: 12) }
        #expect(rates == rates.sorted(by: >))
    }

    @Test func startsAtThePeakWithoutWarmUp() {
        let settings = settings { $0.warmUp = 0 }
        expectClose(settings.rate(at: 0, of: 100), 5e-4)
        // A run shorter than its warm-up never gets past it.
        let short = self.settings { $0.warmUp = 50 }
        expectClose(short.rate(at: 9, of: 10), 5e-4 * 10 / 50)
    }

    @Test(arguments: [
        (0, 1.0, 100, 13), (0, 2.0, 100, 25), (0, 0.01, 100, 1), (7, 2.0, 100, 7), (0, 1.0, 8, 1),
    ])
    func countsSteps(steps: Int, epochs: Double, examples: Int, expected: Int) {
        let settings = settings {
            $0.steps = steps
            $0.epochs = epochs
            $0.batch = 8
        }
        #expect(settings.totalSteps(examples: examples) == expected)
    }

    private func read(_ yaml: String) throws -> TrainingSettings {
        try TrainingSettings(OptionValue(yaml: yaml, source: "r"), path: "training", source: "r")
    }

    @Test func readsItsOptions() throws {
        let read = try read(
            "{steps: 9, batch: 12, micro-batch: 3, learning-rate: 1e-3, warm-up: 2, schedule: constant, clip: 0.5, "
                + "decay: 0.2, beta1: 0.8, beta2: 0.99, precision: fp32, recompute-activations: true, "
                + "checkpoint-every: 5, seed: 4, epochs: 3}")
        let expected = settings {
            $0.steps = 9
            $0.batch = 12
            $0.microBatch = 3
            $0.learningRate = 1e-3
            $0.warmUp = 2
            $0.schedule = .constant
            $0.clip = 0.5
            $0.decay = 0.2
            $0.beta1 = 0.8
            $0.beta2 = 0.99
            $0.precision = .fp32
            $0.recomputesActivations = true
            $0.checkpointEvery = 5
            $0.seed = 4
            $0.epochs = 3
        }
        #expect(read == expected)
    }

    @Test(arguments: [(8, 8), (32, 32), (48, 24), (37, 1), (128, 32), (1, 1)])
    func choosesAMicroBatchThatDividesTheBatch(batch: Int, microBatch: Int) throws {
        #expect(try read("{batch: \(batch)}").microBatch == microBatch)
    }

    @Test(arguments: [
        ("{batch: 8, micro-batch: 3}", "training.micro-batch: 3 does not divide the batch of 8."),
        ("{schedule: linear}", "training.schedule is 'linear'; it must be one of cosine, constant."),
        ("{precision: fp16}", "training.precision is 'fp16'; it must be one of fp32, bf16."),
        ("{learning-rat: 1}", "Unknown option 'learning-rat' in training. Did you mean 'learning-rate'?"),
        ("{batch: 0}", "training.batch is 0; it must be in 1...1000000."),
    ])
    func refusesWhatCannotBe(yaml: String, message: String) {
        let error = #expect(throws: OptionsError.self) { _ = try read(yaml) }
        #expect(error?.description == message)
    }
}
