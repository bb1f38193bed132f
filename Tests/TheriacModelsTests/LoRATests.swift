import Foundation
import Testing
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite struct LoRATests {
    static let ids: [[Int32]] = [[5, 299, 17, 260, 4, 4, 81]]

    private func settings(
        rank: Int = 4, alpha: Double = 8, targets: [String] = ["c_attn", "c_fc"], stabilised: Bool = false,
        rankPattern: [String: Int] = [:], alphaPattern: [String: Double] = [:]
    ) -> LoRASettings {
        var settings = LoRASettings()
        settings.rank = rank
        settings.alpha = alpha
        settings.targets = targets
        settings.isRankStabilised = stabilised
        settings.rankPattern = rankPattern
        settings.alphaPattern = alphaPattern
        return settings
    }

    /// Puts random numbers into `b`, which starts at zero.
    private func stir(_ adapter: LoRAAdapter) throws {
        for (index, layer) in adapter.layers.enumerated() {
            try layer.addition.b.assign(Tensor.random(layer.addition.b.shape, seed: UInt64(index)) * 0.3)
        }
    }

    @Test func aFreshAdapterChangesNothing() throws {
        let loaded = try TinyModel().load()
        let before = try loaded.plainLogits(Self.ids)
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings(), seed: 1)
        #expect(try loaded.plainLogits(Self.ids) == before)
        try stir(adapter)
        #expect(try loaded.plainLogits(Self.ids) != before)
    }

    @Test func startsAsPEFTDoes() throws {
        let loaded = try TinyModel().load()
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings(rank: 8), seed: 1)
        for (path, layer, addition) in adapter.layers {
            // Kaiming-uniform with a = √5: within ±1/√inputs.
            let bound = 1 / Float(layer.inputs).squareRoot()
            let a = try addition.a.floats()
            #expect(a.allSatisfy { abs($0) <= bound })
            #expect((a.map { abs($0) }.max() ?? 0) > bound * 0.95, "\(path)")
            #expect(try addition.b.floats().allSatisfy { $0 == 0 })
        }
        #expect(LoRASettings().rank == 8)
        #expect(LoRASettings().alpha == 8)
        #expect(
            try LoRAAdapter(on: loaded.model, settings: LoRASettings(), seed: 1).layers.map(\.path)
                == ["transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn"])
    }

    @Test func mergedEqualsUnmerged() throws {
        let tiny = try TinyModel()
        let loaded = try tiny.load()
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings(), seed: 1)
        try stir(adapter)
        let attached = try loaded.plainLogits(Self.ids)
        try adapter.merge()
        #expect(adapter.layers.allSatisfy { $0.layer.lowRank == nil })
        try expectClose(loaded.plainLogits(Self.ids), attached, absolute: 2e-5, relative: 1e-5)
        // What is merged is also what is saved.
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            loaded.model, configuration: loaded.configuration,
            tokenizerFiles: CheckpointWriter.tokenizerFiles(in: tiny.folder), dtype: .float32,
            to: folder.file("merged"))
        try expectClose(
            LoadedModel(folder: folder.file("merged")).plainLogits(Self.ids), attached, absolute: 2e-5,
            relative: 1e-5)
    }

    @Test func onlyTheAdapterGetsGradients() throws {
        let loaded = try TinyModel().load()
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings(), seed: 1)
        for parameter in adapter.parameters { try parameter.setRequiresGradient() }
        try stir(adapter)
        let targets = try Tensor([Int64](repeating: 3, count: 7), shape: [7])
        try loaded.model.logits(of: Self.ids).reshape([7, 300]).crossEntropy(targets).backward()
        for (name, parameter) in zip(adapter.parameterNames, adapter.parameters) {
            let gradient = try #require(try parameter.gradient(), "\(name)")
            #expect(try gradient.floats().contains { $0 != 0 }, "\(name)")
        }
        for parameter in loaded.model.parameters {
            #expect(try parameter.tensor.gradient().map(\.shape) == nil, "\(parameter.name)")
        }
    }

    @Test func savesAndLoadsItself() throws {
        let tiny = try TinyModel()
        let loaded = try tiny.load()
        let plain = try loaded.plainLogits(Self.ids)
        let adapter = try LoRAAdapter(
            on: loaded.model,
            settings: settings(
                stabilised: true, rankPattern: ["c_fc": 6, #"h\.1\.attn\.c_attn"#: 2],
                alphaPattern: ["c_fc": 3]),
            seed: 1)
        try stir(adapter)
        let adapted = try loaded.plainLogits(Self.ids)
        let folder = try TemporaryFolder()
        try adapter.write(base: "tiny", transposedLinears: true, to: folder.file("adapter"))
        let fresh = try tiny.load()
        #expect(try fresh.plainLogits(Self.ids) == plain)
        let again = try LoRAAdapter(on: fresh.model, folder: folder.file("adapter"))
        #expect(again.settings == adapter.settings)
        #expect(try fresh.plainLogits(Self.ids) == adapted)
    }

    // MARK: Which layer gets what

    /// As `re.match(rf"(.*\.)?({key})$", path)` of PEFT decides, the first of the sorted keys.
    static let patterns: [(keys: [String: Int], path: String, rank: Int)] = [
        (["c_fc": 6], "transformer.h.0.mlp.c_fc", 6),
        (["c_fc": 6], "transformer.h.0.mlp.xc_fc", 4),
        (["mlp.c_fc": 6], "transformer.h.0.mlp.c_fc", 6),
        (["h.0.mlp.c_fc": 6], "transformer.h.10.mlp.c_fc", 4),
        ([#"h\.(0|2)\.mlp\.c_fc"#: 6], "transformer.h.2.mlp.c_fc", 6),
        ([#"h\.(0|2)\.mlp\.c_fc"#: 6], "transformer.h.1.mlp.c_fc", 4),
        ([".*attn.*": 2], "transformer.h.1.attn.c_attn", 2),
        (["attn": 2], "transformer.h.1.attn.c_attn", 4),
        (["h.1.attn.c_attn": 2, "c_attn": 6], "transformer.h.1.attn.c_attn", 6),
        (["a|c_attn": 3], "transformer.h.1.attn.c_attn", 3),
        (["transformer.h.1.attn.c_attn": 5], "transformer.h.1.attn.c_attn", 5),
    ]

    @Test(arguments: patterns)
    func patternsFollowPEFT(keys: [String: Int], path: String, rank: Int) throws {
        #expect(try settings(rankPattern: keys).rank(of: path) == rank)
        let scaled = settings(alphaPattern: keys.mapValues(Double.init))
        #expect(try scaled.scale(of: path) == (rank == 4 ? 8 / 4 : Double(rank) / 4))
    }

    @Test func scalesByRankOrItsRoot() throws {
        #expect(try settings(rank: 16, alpha: 8).scale(of: "c_fc") == 0.5)
        #expect(try settings(rank: 16, alpha: 8, stabilised: true).scale(of: "c_fc") == 2)
        #expect(
            try settings(rank: 16, alpha: 8, stabilised: true, rankPattern: ["c_fc": 4]).scale(of: "c_fc")
                == 4)
    }

    /// `target_modules` and what narrows it, as in PEFT's `check_target_module_exists`.
    static let selections: [(config: [String: OptionValue], layers: [String])] = [
        (
            ["target_modules": .list([.string("c_proj")])],
            ["0.attn.c_proj", "0.mlp.c_proj", "1.attn.c_proj", "1.mlp.c_proj"]
        ),
        (["target_modules": .list([.string("attn.c_proj")])], ["0.attn.c_proj", "1.attn.c_proj"]),
        (["target_modules": .list([.string("proj")])], []),
        (["target_modules": .string(#".*\.h\.1\..*c_attn"#)], ["1.attn.c_attn"]),
        (["target_modules": .string("c_attn")], []),  // a text is a pattern for the whole path
        (
            ["target_modules": .string("all-linear")],
            ["0", "1"].flatMap {
                ["\($0).attn.c_attn", "\($0).attn.c_proj", "\($0).mlp.c_fc", "\($0).mlp.c_proj"]
            }
        ),
        (
            ["target_modules": .list([.string("c_attn")]), "layers_to_transform": .integer(1)],
            ["1.attn.c_attn"]
        ),
        (
            [
                "target_modules": .list([.string("c_attn")]), "layers_to_transform": .list([.integer(0)]),
                "layers_pattern": .string("h"),
            ], ["0.attn.c_attn"]
        ),
        (
            [
                "target_modules": .list([.string("c_attn")]), "layers_to_transform": .list([.integer(0)]),
                "layers_pattern": .list([.string("layers")]),
            ], []
        ),
        (
            [
                "target_modules": .list([.string("c_proj")]),
                "exclude_modules": .list([.string("mlp.c_proj")]),
            ],
            ["0.attn.c_proj", "1.attn.c_proj"]
        ),
        (
            ["target_modules": .list([.string("c_proj")]), "exclude_modules": .string(#".*\.0\..*"#)],
            ["1.attn.c_proj", "1.mlp.c_proj"]
        ),
    ]

    @Test(arguments: selections)
    func choosesLayersAsPEFT(config: [String: OptionValue], layers: [String]) throws {
        let folder = try TemporaryFolder()
        let whole = config.merging(["peft_type": .string("LORA"), "r": .integer(4)]) { $1 }
        try folder.write(OptionValue.object(whole).jsonData, to: "adapter_config.json")
        let (_, targets) = try LoRAAdapter.readConfiguration(folder.url)
        let model = try TinyModel().load().model
        let found = model.linears.map(\.path).filter { targets.matches($0) }
        #expect(found == layers.map { "transformer.h.\($0)" })
    }

    @Test func writesASettledChoiceOfLayers() throws {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        let adapter = try LoRAAdapter(
            on: loaded.model, settings: settings(targets: ["h.1.attn.c_attn"]), seed: 1)
        try stir(adapter)
        try adapter.write(base: "tiny", transposedLinears: true, to: folder.file("first"))
        // The same as a pattern, read and written again.
        let config = folder.file("first/adapter_config.json")
        guard case .object(var members) = try OptionValue(jsonFile: config) else { return }
        members["target_modules"] = .string(#".*\.1\.attn\.c_attn"#)
        try OptionValue.object(members).jsonData.write(to: config)
        let read = try LoRAAdapter(on: loaded.model, folder: folder.file("first"))
        try read.write(base: "tiny", transposedLinears: true, to: folder.file("second"))
        let again = try LoRAAdapter(on: loaded.model, folder: folder.file("second"))
        #expect(again.settings.targets == ["transformer.h.1.attn.c_attn"])
        #expect(try again.parameters[1].floats() == adapter.parameters[1].floats())
    }

    // MARK: What does not load

    static let refusals: [(changes: [String: OptionValue?], message: String)] = [
        (["peft_type": .string("IA3")], "peft_type IA3 is not supported: only LORA adapters load here."),
        (
            ["use_dora": .bool(true)],
            "use_dora is not supported: DoRA changes magnitudes too; merge the adapter with peft first."
        ),
        (["bias": .string("all")], "bias all is not supported: merge the adapter with peft first."),
        (
            ["modules_to_save": .list([.string("lm_head")])],
            "modules_to_save is not supported: merge the adapter with peft first."
        ),
        (
            ["alora_invocation_tokens": .list([.integer(1)])],
            "alora_invocation_tokens is not supported: merge the adapter with peft first."
        ),
        (["r": .integer(0)], "The adapter does not fit the model: r is 0."),
        (
            ["target_modules": nil],
            "The adapter does not fit the model: adapter_config.json names no target_modules."
        ),
        (
            ["target_modules": .string("(")],
            "The adapter does not fit the model: target_modules of adapter_config.json holds an invalid pattern."
        ),
        (
            ["target_modules": .list([.string("q_proj")])],
            "The adapter does not fit the model: it holds 4 tensors the model has no place for, for example "
                + "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight."
        ),
        (
            ["target_modules": .list([.string("c_attn"), .string("c_fc")])],
            "The adapter does not fit the model: 'base_model.model.transformer.h.0.mlp.c_fc.lora_A.weight' is missing."
        ),
        (
            ["r": .integer(5)],
            "Weight 'base_model.model.transformer.h.0.attn.c_attn.lora_A.weight' has shape [4, 32]; config.json says "
                + "[5, 32]. The files belong to different models."
        ),
        (
            ["rank_pattern": .object(["c_attn": .number(1e300)])],
            "The adapter does not fit the model: rank_pattern holds a rank that is not a whole number above 0."
        ),
    ]

    @Test(arguments: refusals)
    func refusesAdaptersThatDoNotFit(changes: [String: OptionValue?], message: String) throws {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings(targets: ["c_attn"]), seed: 1)
        try adapter.write(base: "tiny", transposedLinears: true, to: folder.file("adapter"))
        let config = folder.file("adapter/adapter_config.json")
        guard case .object(var members) = try OptionValue(jsonFile: config) else { return }
        for (name, value) in changes { members[name] = value }
        try OptionValue.object(members).jsonData.write(to: config)
        let error = #expect(throws: ModelError.self) {
            _ = try LoRAAdapter(on: loaded.model, folder: folder.file("adapter"))
        }
        #expect(error?.description == message)
    }

    @Test func namesTheMissingFile() throws {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        let error = #expect(throws: ModelError.self) {
            _ = try LoRAAdapter(on: loaded.model, folder: folder.url)
        }
        #expect(
            error?.description
                == "\(folder.url.path) has no adapter_config.json. An adapter folder holds adapter_config.json and "
                + "adapter_model.safetensors.")
    }

    @Test func namesLayersThatCouldBeMeant() throws {
        let loaded = try TinyModel().load()
        let error = #expect(throws: ModelError.self) {
            _ = try LoRAAdapter(on: loaded.model, settings: settings(targets: ["q_proj"]), seed: 1)
        }
        #expect(
            error?.description
                == "The adapter does not fit the model: no layer is called q_proj; the model has c_attn, c_fc, c_proj."
        )
    }

    @Test func readsItsOptions() throws {
        let options = try LoRASettings(
            OptionValue(yaml: "{rank: 4, targets: [c_fc], rank-stabilised: true}", source: "r"),
            path: "adapter", source: "r")
        #expect(options == settings(rank: 4, alpha: 4, targets: ["c_fc"], stabilised: true))
        let error = #expect(throws: OptionsError.self) {
            _ = try LoRASettings(OptionValue(yaml: "{ranck: 4}", source: "r"), path: "adapter", source: "r")
        }
        #expect(error?.description == "Unknown option 'ranck' in adapter. Did you mean 'rank'?")
    }
}
