import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite struct PlainDecoderTests {
    private func whole(_ model: any CausalLanguageModel, _ ids: [Int32]) throws -> [Float] {
        try Torch.withoutGradients { try model.logits(of: [ids]).floats() }
    }

    @Test(arguments: PlainDecoder.all)
    func readsOverACacheAsItReadsWholeSequences(family: PlainDecoder) throws {
        let model = try family.make().model
        var random = SplitMix64(seed: 3)
        let ids = random.tokens(PlainDecoder.context, below: PlainDecoder.vocabulary)
        let expected = try whole(model, ids)
        let parts = [Array(ids[..<9])] + [Array(ids[9..<12])] + ids[12...].map { [$0] }
        var place = 0
        for (part, found) in zip(parts, try model.cachedLogits(parts)) {
            place += part.count
            let row = (place - 1) * PlainDecoder.vocabulary..<place * PlainDecoder.vocabulary
            // The two ways add in different orders: a few units in the last place of sums of about 10.
            expectClose(found, Array(expected[row]), absolute: 2e-5, relative: 1e-5, "place \(place)")
        }
        #expect(expected.max().map { $0 > 1 } == true, "logits are too flat to show a fault")
    }

    /// Sequences of one pass know nothing of each other, and each its own places.
    @Test(arguments: PlainDecoder.all)
    func readsManySequencesInOnePass(family: PlainDecoder) throws {
        let model = try family.make().model
        let sequences: [[Int32]] = [[5, 3, 8, 1], [9], [2, 2, 60, 4, 31, 7, 7]]
        let found = try Torch.withoutGradients {
            let cache = KVCache(model.shape, dtype: .float32)
            let entries = try sequences.map {
                CacheTurn.Entry(own: try cache.take($0.count), ownLength: 0, added: $0.count)
            }
            let turn = CacheTurn(cache, entries)
            return try model.logits(model.last(model.read(sequences.flatMap { $0 }, turn), of: turn)).floats()
        }
        for (row, sequence) in sequences.enumerated() {
            let expected = try whole(model, sequence).suffix(PlainDecoder.vocabulary)
            let part = found[row * PlainDecoder.vocabulary..<(row + 1) * PlainDecoder.vocabulary]
            expectClose(Array(part), Array(expected), absolute: 2e-5, relative: 1e-5, "sequence \(row)")
        }
    }

    @Test(arguments: PlainDecoder.all)
    func everyWeightCountsAndLearns(family: PlainDecoder) throws {
        let model = try family.make().model
        for parameter in model.parameters { try parameter.tensor.setRequiresGradient() }
        let targets = try Tensor([3, 8, 1, 7, 60] as [Int64], shape: [5])
        try model.logits(of: [[5, 3, 8, 1, 7]]).reshape([5, -1]).crossEntropy(targets).backward()
        for parameter in model.parameters {
            // A constant added to all keys changes no share of attention.
            if parameter.name.hasSuffix("k_proj.bias") { continue }
            let gradient = try #require(try parameter.tensor.gradient(), "\(parameter.name)")
            #expect(try gradient.floats().contains { $0 != 0 }, "\(parameter.name)")
        }
    }

    @Test(arguments: PlainDecoder.all)
    func adaptersReachItsUsualLayers(family: PlainDecoder) throws {
        let model = try family.make().model
        let adapter = try LoRAAdapter(on: model, settings: LoRASettings(), seed: 1)
        let each = type(of: model).adapterTargets.count
        #expect(adapter.layers.count == each * model.shape.layers)
        let before = try whole(model, [5, 3, 8])
        for (index, layer) in adapter.layers.enumerated() {
            try layer.addition.b.assign(Tensor.random(layer.addition.b.shape, seed: UInt64(index)))
        }
        let adapted = try whole(model, [5, 3, 8])
        #expect(largestDifference(adapted, before) > 0.01)
        try expectClose(
            model.cachedLogits([[5, 3], [8]])[1], Array(adapted.suffix(PlainDecoder.vocabulary)),
            absolute: 2e-5, relative: 1e-5)
        for parameter in adapter.parameters { try parameter.setRequiresGradient() }
        let targets = try Tensor([3, 8, 1] as [Int64], shape: [3])
        try model.logits(of: [[5, 3, 8]]).reshape([3, -1]).crossEntropy(targets).backward()
        for (name, parameter) in zip(adapter.parameterNames, adapter.parameters) {
            #expect(try parameter.gradient()?.floats().contains { $0 != 0 } == true, "\(name)")
        }
        try adapter.merge()
        try expectClose(whole(model, [5, 3, 8]), adapted, absolute: 5e-5, relative: 1e-5)
    }

    /// Also with what old files hold beside the weights, and in parts.
    @Test(arguments: PlainDecoder.all)
    func savesAndLoadsItself(family: PlainDecoder) throws {
        let (model, configuration) = try family.make()
        let expected = try whole(model, [5, 3, 8])
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            model, configuration: configuration, tokenizerFiles: [], dtype: .float32,
            to: folder.file("model"))
        let file = folder.file("model/model.safetensors")
        let stored = try SafetensorsFile(contentsOf: file)
        var records = try stored.tensors.keys.sorted().map { name in
            try SafetensorsRecord(
                name: name, dtype: .float32, shape: stored.tensors[name]?.shape ?? [],
                bytes: stored.withBytes(of: name) { Data($0) })
        }
        for buffer in ["attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"] {
            records.append(
                .init(name: "layers.0.\(buffer)", dtype: .float32, shape: [1], bytes: Data(count: 4)))
        }
        try SafetensorsFile.write(records, metadata: ["format": "pt"], to: file)
        #expect(try whole(Architectures.alone(folder.file("model")), [5, 3, 8]) == expected)
    }

    @Test func headOfGPTNeoXMayHaveItsNewName() throws {
        let (model, configuration) = try PlainDecoder.all[0].make()
        let folder = try TemporaryFolder()
        let records = try CheckpointWriter.records(of: model.parameters, dtype: .float32).map { record in
            var record = record
            if record.name == "embed_out.weight" { record.name = "lm_head.weight" }
            return record
        }
        try configuration.jsonData.write(to: folder.file("config.json"))
        try SafetensorsFile.write(
            records, metadata: ["format": "pt"], to: folder.file("model.safetensors"))
        #expect(try whole(Architectures.alone(folder.url), [5, 3]) == whole(model, [5, 3]))
    }

    @Test(arguments: [
        ("gpt_neox", "rotary_pct", OptionValue.number(0.1)), ("gptj", "rotary_dim", .integer(5)),
        ("gptj", "rotary_dim", .integer(10)), ("opt", "num_attention_heads", .integer(5)),
    ])
    func refusesSizesThatDoNotFit(type: String, field: String, value: OptionValue) throws {
        let family = try #require(PlainDecoder.all.first { $0.settings["model_type"] == .string(type) })
        let changed = family.settings.merging([field: value]) { $1 }
        #expect(throws: ModelError.self) {
            _ = try Architectures.fresh(.object(changed), vocabulary: 9, endOfText: 0, seed: 1)
        }
    }
}
