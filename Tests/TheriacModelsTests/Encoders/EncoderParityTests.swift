import Foundation
import Testing
import TheriacFiles
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct EncoderParityTests {
    /// Sequences of different lengths in one batch, beside transformers with one at a time.
    @Test func agreesOnEveryFamily() throws {
        let known = Set(Encoders.all.map { $0.modelType })
        let reference = try EncoderReference("families")
        var seen: Set<String> = []
        for name in reference.cases {
            let folder = reference.folder.file(name)
            var files = try CheckpointFolder(folder)
            seen.insert(try files.modelType())
            let expected = try reference.values(name)
            let model = try classifierAlone(folder)
            let hidden = try model.plainHidden(expected.ids)
            let logits = try model.plainLogits(expected.ids)
            expectClose(hidden, expected.hidden, absolute: 1e-4, relative: 0, "\(name), hidden states")
            expectClose(logits, expected.logits, absolute: 1e-4, relative: 0, "\(name), logits")
            // The recorded path, as in training.
            let recorded = try Torch.withGradients {
                for parameter in model.parameters { try parameter.tensor.setRequiresGradient() }
                return try model.logits(PackedBatch(expected.ids, for: model.shape)).floats()
            }
            expectClose(recorded, expected.logits, absolute: 1e-4, relative: 0, "\(name), recorded")
            let rounded = try classifierAlone(folder, precision: .bfloat16).plainLogits(expected.ids)
            showMeasured(
                "\(name): largest difference of a hidden state \(largestDifference(hidden, expected.hidden)), of a logit "
                    + "\(largestDifference(logits, expected.logits)), in bf16 \(largestDifference(rounded, expected.logits))"
            )
        }
        #expect(seen == known)
    }

    /// The encoder of MiniLM, a real checkpoint; THERIAC_MINILM names its folder.
    static let miniLM = ProcessInfo.processInfo.environment["THERIAC_MINILM"].map { URL(fileURLWithPath: $0) }

    @Test(
        .enabled(if: miniLM != nil, "Name a folder of all-MiniLM-L6-v2 in THERIAC_MINILM to compare with it.")
    )
    func agreesOnARealCheckpoint() throws {
        let folder = try #require(Self.miniLM)
        var stream = RandomStream(seed: 1)
        let ids: [[Int32]] = [12, 3, 256, 60, 130, 41].map { count in
            [101] + (0..<count - 2).map { _ in 1000 + Int32(stream.next() % 25000) } + [102]
        }
        let written = try TemporaryFolder()
        let list = try written.write(JSONEncoder().encode(ids), to: "ids.json")
        let reference = try EncoderReference("base", ["--model", folder.path, "--ids", list.path])
        let expected = try reference.values("base")
        let base = try classifierAlone(base: folder, labels: ["a"])
        try expectClose(base.plainHidden(ids), expected.hidden, absolute: 1e-4, relative: 0, "hidden states")
        let saved = reference.folder.file("classifier")
        let logits = try classifierAlone(saved).plainLogits(ids)
        expectClose(logits, expected.logits, absolute: 1e-4, relative: 0, "logits")
        let rounded = try classifierAlone(saved, precision: .bfloat16).plainLogits(ids)
        // Eight bits a factor, through six layers; half a percent of logits of about 1.
        expectClose(rounded, expected.logits, absolute: 0.01, relative: 0, "logits in bf16")
        showMeasured(
            "MiniLM: largest difference of a logit \(largestDifference(logits, expected.logits)), in bf16 "
                + "\(largestDifference(rounded, expected.logits)), largest logit "
                + "\(expected.logits.map { abs($0) }.max() ?? 0)")
    }

    /// Adapters that peft saved, there and back.
    @Test func agreesWithPEFTBothWays() throws {
        let reference = try EncoderReference("adapters")
        var written = Written(reference)
        for name in reference.cases {
            let base = reference.folder.file("\(name)-base")
            let expected = try reference.values(name)
            let model = try classifierAlone(base)
            let plain = try model.plainLogits(expected.ids)
            let adapter = try LoRAAdapter(on: model, folder: reference.folder.file(name))
            #expect(!adapter.saved.isEmpty)
            let adapted = try model.plainLogits(expected.ids)
            expectClose(adapted, expected.logits, absolute: 1e-4, relative: 0, name)
            #expect(largestDifference(plain, adapted) > 0.1, "\(name) changes nothing, so it shows nothing")
            try written.add(adapter, base, name, expected.logits)
            try adapter.merge()
            try expectClose(
                model.plainLogits(expected.ids), expected.logits, absolute: 1e-4, relative: 0,
                "\(name), merged")
        }
        try written.readByPEFT()
    }

    /// Adapters made here, with every kind of target and of stored number, read by peft.
    @Test func peftReadsWhatIsMadeHere() throws {
        let reference = try EncoderReference(
            "families", ["--families", "bert,roberta,distilbert,modernbert"])
        var written = Written(reference)
        for name in reference.cases {
            let base = reference.folder.file(name)
            let ids = try reference.values(name).ids
            for (targets, dtype) in [([], DType.float32), (["all-linear"], .bfloat16)] {
                let model = try classifierAlone(base)
                var settings = LoRASettings()
                settings.rank = 3
                settings.targets = targets
                let adapter = try LoRAAdapter(on: model, settings: settings, seed: 4)
                for (index, parameter) in adapter.parameters.enumerated() {
                    // Eight bits, so that both types store the same.
                    let noise = try Tensor.random(parameter.shape, seed: UInt64(index)) * 0.2
                    try parameter.assign(noise.to(.bfloat16))
                }
                let logits = try model.plainLogits(ids)
                let folder = try written.add(adapter, base, "made-\(name)-\(dtype)", logits, dtype)
                // And by ourselves.
                let again = try classifierAlone(base)
                let read = try LoRAAdapter(on: again, folder: folder)
                #expect(read.parameterNames == adapter.parameterNames)
                #expect(try again.plainLogits(ids) == logits)
            }
        }
        try written.readByPEFT()
    }

    /// Adapters written here, with the logits they give.
    private struct Written {
        let reference: EncoderReference
        private var bases: [String] = []
        private var adapters: [URL] = []
        private var logits: [[Float]] = []

        init(_ reference: EncoderReference) { self.reference = reference }

        @discardableResult
        mutating func add(
            _ adapter: LoRAAdapter, _ base: URL, _ name: String, _ logits: [Float], _ dtype: DType = .float32
        ) throws -> URL {
            let folder = reference.folder.file("ours-\(name)")
            try adapter.write(base: base.path, transposedLinears: false, dtype: dtype, to: folder)
            bases.append(base.path)
            adapters.append(folder)
            self.logits.append(logits)
            return folder
        }

        func readByPEFT() throws {
            let output = reference.folder.file("back")
            _ = try PythonReference.run(
                "encoder_parity.py",
                ["read", "--base"] + bases + ["--adapter"] + adapters.map(\.path) + ["--output", output.path])
            for (adapter, logits) in zip(adapters, logits) {
                let name = adapter.lastPathComponent
                let back = try EncoderReference.Values(output.appendingPathComponent("\(name).safetensors"))
                expectClose(back.logits, logits, absolute: 1e-4, relative: 0, "\(name), read by peft")
            }
        }
    }
}
