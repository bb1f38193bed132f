import Foundation
import Testing
import TheriacFiles
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

/// Adapters of every kind the script knows, there and back.
@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct PEFTParityTests {
    @Test func agreesBothWaysOnEveryKindOfAdapter() throws {
        struct Line: Decodable {
            var `case`: String
            var moved: Double
        }
        let folder = try TemporaryFolder()
        let base = folder.file("base")
        let printed = try PythonReference.run("peft_parity.py", ["write", "--output", folder.url.path])
        let lines = try printed.split(separator: 0x0A).map { try JSONDecoder().decode(Line.self, from: $0) }
        #expect(lines.count == 10)

        var largest = (load: 0.0, merge: 0.0, back: 0.0)
        for line in lines {
            #expect(line.moved > 0.1, "\(line.case) changes nothing, so it shows nothing")
            let expected = try SafetensorsFile(contentsOf: folder.file("\(line.case).safetensors"))
            let ids = try expected.ids()
            let model = try modelAlone(base)
            func logits() throws -> [Float] {
                try Torch.withoutGradients { try model.logits(of: [ids]).floats() }
            }
            try expectClose(
                logits(), expected.floats("base_logits"), absolute: 1e-4, relative: 0, "\(line.case), base")
            let adapter = try LoRAAdapter(on: model, folder: folder.file(line.case))
            let adapted = try logits()
            try expectClose(adapted, expected.floats("logits"), absolute: 1e-4, relative: 0, line.case)
            largest.load = max(largest.load, largestDifference(adapted, try expected.floats("logits")))
            try adapter.write(
                base: base.path, transposedLinears: true, to: folder.file("ours/\(line.case)").makingParent())
            try adapter.merge()
            let merged = try logits()
            try expectClose(
                merged, expected.floats("merged_logits"), absolute: 1e-4, relative: 0, "\(line.case), merged")
            largest.merge = max(
                largest.merge, largestDifference(merged, try expected.floats("merged_logits")))
        }

        let ids = try SafetensorsFile(contentsOf: folder.file("plain.safetensors")).ids()
        let made = try makeAdapter(on: base, ids: ids, to: folder.file("ours/made-here"))
        _ = try PythonReference.run(
            "peft_parity.py",
            [
                "read", "--base", base.path, "--output", folder.file("back").path, "--adapter",
                folder.file("ours/made-here").path,
            ]
                + lines.map { folder.file("ours/\($0.case)").path })
        let read = try SafetensorsFile(contentsOf: folder.file("back/made-here.safetensors")).floats("logits")
        expectClose(read, made, absolute: 1e-4, relative: 0, "made here")
        for line in lines {
            let expected = try SafetensorsFile(contentsOf: folder.file("\(line.case).safetensors"))
            let back = try SafetensorsFile(contentsOf: folder.file("back/\(line.case).safetensors"))
            let (found, wanted) = (try back.floats("logits"), try expected.floats("logits"))
            expectClose(
                found, wanted, absolute: 1e-4, relative: 0, "\(line.case), written here and read by peft")
            largest.back = max(largest.back, largestDifference(found, wanted))
        }
        showMeasured(
            "PEFT adapters, fp32, \(lines.count) kinds: largest logit difference loaded \(largest.load), merged "
                + "\(largest.merge), written here and read by peft \(largest.back), made here and read by peft "
                + "\(largestDifference(read, made))")
    }

    /// Writes an adapter that was not read from PEFT's files, and returns what the model computes with it.
    private func makeAdapter(on base: URL, ids: [Int32], to folder: URL) throws -> [Float] {
        let model = try modelAlone(base)
        var settings = LoRASettings()
        settings.rank = 3
        settings.alpha = 12
        settings.targets = ["c_fc", "attn.c_proj"]
        let adapter = try LoRAAdapter(on: model, settings: settings, seed: 5)
        for layer in adapter.layers {
            try layer.addition.b.assign(Tensor.random(layer.addition.b.shape, seed: 3) * 0.3)
        }
        try adapter.write(base: base.path, transposedLinears: true, to: folder)
        return try Torch.withoutGradients { try model.logits(of: [ids]).floats() }
    }
}

extension SafetensorsFile {
    fileprivate func ids() throws -> [Int32] {
        let entry = try #require(tensors["input_ids"])
        return try withBytes(of: "input_ids") {
            try Tensor(bytes: $0, shape: entry.shape, dtype: .int64).integers().map { Int32($0) }
        }
    }
}

extension URL {
    fileprivate func makingParent() throws -> URL {
        try FileManager.default.createDirectory(
            at: deletingLastPathComponent(), withIntermediateDirectories: true)
        return self
    }
}
