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

    /// Adapters that peft saved, there and back.
    @Test func agreesWithPEFTBothWays() throws {
        let reference = try EncoderReference("adapters")
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
            let ours = reference.folder.file("ours-\(name)")
            try adapter.write(base: base.path, transposedLinears: false, to: ours)
            try adapter.merge()
            try expectClose(
                model.plainLogits(expected.ids), expected.logits, absolute: 1e-4, relative: 0,
                "\(name), merged")
            try readBack(ours, base, expected.ids, expected.logits, reference, name)
        }
    }

    /// Adapters made here, with every kind of target, read by peft.
    @Test(arguments: [["query", "value"], ["all-linear"]], [DType.float32, .bfloat16])
    func peftReadsWhatIsMadeHere(targets: [String], dtype: DType) throws {
        let reference = try EncoderReference("families", ["--families", "bert,roberta,distilbert"])
        for name in reference.cases {
            let base = reference.folder.file(name)
            let ids = try reference.values(name).ids
            let model = try classifierAlone(base)
            var settings = LoRASettings()
            settings.rank = 3
            settings.targets = name == "distilbert" && targets.count == 2 ? ["q_lin", "v_lin"] : targets
            let adapter = try LoRAAdapter(on: model, settings: settings, seed: 4)
            for (index, parameter) in adapter.parameters.enumerated() {
                // Eight bits, so that both types store the same.
                let noise = try Tensor.random(parameter.shape, seed: UInt64(index)) * 0.2
                try parameter.assign(noise.to(.bfloat16))
            }
            let ours = reference.folder.file("made-\(name)")
            try adapter.write(base: base.path, transposedLinears: false, dtype: dtype, to: ours)
            try readBack(ours, base, ids, model.plainLogits(ids), reference, name)
            // And by ourselves.
            let again = try classifierAlone(base)
            let read = try LoRAAdapter(on: again, folder: ours)
            #expect(read.parameterNames == adapter.parameterNames)
            #expect(try again.plainLogits(ids) == model.plainLogits(ids))
        }
    }

    private func readBack(
        _ adapter: URL, _ base: URL, _ ids: [[Int32]], _ logits: [Float], _ reference: EncoderReference,
        _ name: String
    ) throws {
        let output = reference.folder.file("back")
        _ = try PythonReference.run(
            "encoder_parity.py",
            ["read", "--base", base.path, "--adapter", adapter.path, "--output", output.path])
        let back = try EncoderReference.Values(
            output.appendingPathComponent("\(adapter.lastPathComponent).safetensors"))
        #expect(back.ids == ids)
        expectClose(back.logits, logits, absolute: 1e-4, relative: 0, "\(name), read by peft")
    }
}
