import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacModels

@Suite struct CheckpointTests {
    static let ids: [[Int32]] = [[5, 299, 17, 260, 4, 4, 81]]

    // MARK: What loads

    @Test func readsWhatItDescribes() throws {
        let loaded = try TinyModel().load()
        #expect(
            loaded.model.shape
                == ModelShape(
                    vocabulary: 300, context: 64, layers: 2, heads: 4, keyValueHeads: 4, headWidth: 8,
                    width: 32))
        #expect(loaded.endOfText == [299])
        #expect(loaded.beginOfText == 299)
        #expect(loaded.tokenizer.decode(loaded.tokenizer.encode(" the end")) == " the end")
        #expect(loaded.hash.count == 64)
        #expect(loaded.model.parameters.count == 2 + 2 * 12 + 2)
        #expect(
            loaded.model.linears.map(\.path).prefix(2) == [
                "transformer.h.0.attn.c_attn", "transformer.h.0.attn.c_proj",
            ])
    }

    @Test func readsItsOwnWritingBackEqually() throws {
        let tiny = try TinyModel()
        let first = try tiny.load()
        let folder = try TemporaryFolder()
        let copy = folder.file("copy")
        try CheckpointWriter.write(
            first.model, configuration: first.configuration,
            tokenizerFiles: CheckpointWriter.tokenizerFiles(in: first.folder), dtype: .float32, to: copy)
        let second = try LoadedModel(folder: copy)
        #expect(try second.plainLogits(Self.ids) == first.plainLogits(Self.ids))
        #expect(second.hash == first.hash)
        #expect(try folder.names() == ["copy"])
    }

    @Test func readsBothGenerationsOfConfigurations() throws {
        let fixture = CheckpointFixture(try TinyModel(dtype: .bfloat16))
        // transformers 5 writes `dtype`, 4 wrote `torch_dtype` and fields that have gone since.
        try fixture.configure(["torch_dtype": nil])
        let five = try fixture.tiny.load()
        #expect(five.model.computeType == .bfloat16)
        try fixture.configure([
            "dtype": nil, "torch_dtype": .string("bfloat16"), "n_ctx": .integer(64),
            "gradient_checkpointing": .bool(false),
            "transformers_version": .string("4.30.0"), "task_specific_params": .object([:]), "n_inner": .null,
        ])
        let four = try fixture.tiny.load()
        #expect(four.model.computeType == .bfloat16)
        #expect(try four.plainLogits(Self.ids) == five.plainLogits(Self.ids))
        try fixture.configure(["torch_dtype": nil])
        #expect(try fixture.tiny.load().model.computeType == .bfloat16)  // the file itself says
        #expect(try fixture.tiny.load(precision: .float32).model.computeType == .float32)
    }

    static let ends: [(value: OptionValue, expected: Set<Int32>)] = [
        (.integer(7), [7]), (.list([.integer(3), .integer(299)]), [3, 299]), (.null, [299]),
    ]

    @Test(arguments: ends)
    func readsTokensThatEndAText(value: OptionValue, expected: Set<Int32>) throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.configure(["eos_token_id": value])
        #expect(try fixture.tiny.load().endOfText == expected)
    }

    @Test(arguments: [50256, 1 << 40, -1])
    func beginsWithTheEndOfTextWhenTheNamedTokenIsOutside(token: Int) throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.configure(["bos_token_id": .integer(token)])
        #expect(try fixture.tiny.load().beginOfText == 299)
    }

    @Test(arguments: [2, 5])
    func readsShardsAsOneFile(parts: Int) throws {
        let fixture = CheckpointFixture(try TinyModel())
        let whole = try fixture.tiny.load().plainLogits(Self.ids)
        try fixture.shard(into: parts)
        #expect(try fixture.tiny.load().plainLogits(Self.ids) == whole)
    }

    @Test func readsNamesWithoutTheHeadsPrefix() throws {
        let fixture = CheckpointFixture(try TinyModel())
        let whole = try fixture.tiny.load().plainLogits(Self.ids)
        try fixture.rewrite { records in
            // Original files also hold the masks as buffers.
            let mask = SafetensorsRecord(name: "h.0.attn.bias", dtype: .uint8, shape: [1], bytes: Data([1]))
            return [mask]
                + records.map { record in
                    var record = record
                    record.name = String(record.name.dropFirst("transformer.".count))
                    return record
                }
        }
        #expect(try fixture.tiny.load().plainLogits(Self.ids) == whole)
    }

    @Test func hashesWeightsAndConfiguration() throws {
        let fixture = CheckpointFixture(try TinyModel())
        let before = try fixture.tiny.load().hash
        #expect(try fixture.tiny.load().hash == before)
        try fixture.change("transformer.ln_f.bias") { $0.bytes[3] ^= 1 }
        #expect(try fixture.tiny.load().hash != before)
    }

    @Test func freesEveryTensor() throws {
        let tiny = try TinyModel()
        try expectNoTensorLeaks { _ = try tiny.load().plainLogits(Self.ids) }
    }

    // MARK: What does not

    private func message(_ fixture: CheckpointFixture, _ location: SourceLocation = #_sourceLocation)
        -> String
    {
        do {
            _ = try fixture.tiny.load()
            Issue.record("it loaded", sourceLocation: location)
            return ""
        } catch {
            return "\(error)".replacingOccurrences(of: fixture.folder.path, with: "MODEL")
        }
    }

    @Test func saysThatThereIsNoFolder() {
        let error = #expect(throws: ModelError.self) {
            _ = try LoadedModel(folder: URL(fileURLWithPath: "/nowhere/at-all"))
        }
        #expect(
            error?.description
                == "There is no model folder '/nowhere/at-all'. Give the folder that holds config.json.")
    }

    @Test(arguments: ["config.json", "model.safetensors"])
    func namesTheMissingFile(name: String) throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.remove(name)
        #expect(
            message(fixture)
                == "MODEL has no \(name). A model folder holds config.json, model.safetensors (or shards with their "
                + "index) and tokenizer.json.")
    }

    @Test func saysThatTheTokenizerIsMissing() throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.remove("tokenizer.json")
        #expect(
            message(fixture)
                == "model has no tokenizer: it needs tokenizer.json, or vocab.json and merges.txt.")
    }

    @Test func namesTheMissingWeight() throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.rewrite { $0.filter { $0.name != "transformer.h.1.mlp.c_fc.bias" } }
        #expect(
            message(fixture)
                == "MODEL has no weight 'transformer.h.1.mlp.c_fc.bias'. The checkpoint is incomplete, or config.json "
                + "belongs to another one.")
    }

    @Test func namesBothShapes() throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.configure(["n_inner": .integer(64)])
        #expect(
            message(fixture)
                == "Weight 'transformer.h.0.mlp.c_fc.weight' has shape [32, 128]; config.json says [32, 64]. The files "
                + "belong to different models.")
    }

    @Test(arguments: [Float.nan, .infinity])
    func namesTheWeightThatIsNotFinite(value: Float) throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.change("transformer.ln_f.weight") { record in
            withUnsafeBytes(of: value) { record.bytes.replaceSubrange(8..<12, with: $0) }
        }
        #expect(
            message(fixture)
                == "Weight 'transformer.ln_f.weight' holds values that are not finite numbers. The checkpoint is damaged "
                + "or its training diverged.")
    }

    @Test func refusesWeightsOfATypeItCannotUse() throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.change("transformer.ln_f.weight") { record in
            record.dtype = .int32
        }
        #expect(
            message(fixture)
                == "Weight 'transformer.ln_f.weight' is stored as I32, which is not supported. Convert the checkpoint to "
                + "F32, F16 or BF16.")
    }

    static let refusals: [(changes: [String: OptionValue], message: String)] = [
        (
            ["model_type": .string("llamoid")],
            "Architecture 'llamoid' is not supported. Known: "
                + Architectures.all.map { $0.modelType }.joined(separator: ", ") + "."
        ),
        (
            ["quantization_config": .object(["bits": .integer(4)])],
            "quantization_config is not supported: use the checkpoint in bf16 or fp32."
        ),
        (
            ["tie_word_embeddings": .bool(false)],
            "tie_word_embeddings: false is not supported: GPT-2's head is its embedding."
        ),
        (["add_cross_attention": .bool(true)], "add_cross_attention is not supported: there is no encoder."),
        (["n_head": .integer(5)], "n_embd 32 with n_head 5 is not supported: heads must divide the width."),
        (["n_layer": .integer(0)], "n_layer is 0; it must be in 1...10000."),
        (
            ["activation_function": .string("gelu_newer")],
            "activation_function is 'gelu_newer'; it must be one of gelu, relu, silu, swish, tanh, gelu_new, "
                + "gelu_pytorch_tanh, gelu_fast. Did you mean 'gelu_new'?"
        ),
    ]

    @Test(arguments: refusals)
    func refusesConfigurationsItCannotFollow(changes: [String: OptionValue], expected: String) throws {
        let fixture = CheckpointFixture(try TinyModel())
        try fixture.configure(changes.mapValues { Optional($0) })
        #expect(message(fixture) == expected)
    }

    @Test func saysThatTheTokenizerIsLargerThanTheModel() throws {
        let fixture = CheckpointFixture(try TinyModel(settings: ["vocab_size": .integer(290)]))
        // The end of text lies outside too, so the configuration names none.
        try fixture.configure(["eos_token_id": .integer(0), "bos_token_id": .integer(0)])
        #expect(
            message(fixture)
                == "Token 299 is outside the model's vocabulary of 290. Does the tokenizer belong to the model?"
        )
    }

    @Test(arguments: [0, 4, 100, 5000, -1])
    func refusesTruncatedWeights(kept: Int) throws {
        let fixture = CheckpointFixture(try TinyModel())
        let file = fixture.folder.appendingPathComponent("model.safetensors")
        let data = try Data(contentsOf: file)
        try data.prefix(kept < 0 ? data.count + kept : kept).write(to: file)
        #expect(throws: FileError.self) { _ = try fixture.tiny.load() }
        #expect(message(fixture).contains("MODEL/model.safetensors"))
    }

    @Test func refusesAConfigurationThatIsNotJSON() throws {
        let fixture = CheckpointFixture(try TinyModel())
        try Data("{\"model_type\": ".utf8).write(to: fixture.folder.appendingPathComponent("config.json"))
        #expect(message(fixture).hasPrefix("MODEL/config.json: not valid JSON"))
        try Data("[]".utf8).write(to: fixture.folder.appendingPathComponent("config.json"))
        #expect(message(fixture) == "MODEL/config.json is a list; it must be a group of options.")
        try Data("{}".utf8).write(to: fixture.folder.appendingPathComponent("config.json"))
        #expect(message(fixture) == "MODEL/config.json: the option 'model_type' is missing in the top level.")
    }

    @Test func leavesNothingBehindWhenWritingFails() throws {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        #expect(throws: (any Error).self) {
            try CheckpointWriter.write(
                loaded.model, configuration: loaded.configuration,
                tokenizerFiles: [folder.file("no-such-file.json")], dtype: .float32, to: folder.file("copy"))
        }
        #expect(try folder.names().isEmpty)
    }
}
