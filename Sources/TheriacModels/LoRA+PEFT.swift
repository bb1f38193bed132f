public import Foundation
internal import TheriacFiles
internal import TheriacOptions
public import TheriacTensors

extension LoRAAdapter {
    /// Writes `adapter_config.json` and `adapter_model.safetensors`, which PEFT and vLLM load.
    ///
    /// - Parameters:
    ///   - base: the model the adapter belongs to, as a name or path for the reader.
    ///   - dtype: of the stored numbers, float32 or bfloat16.
    public func write(
        base: String, transposedLinears: Bool, dtype: DType = .float32, to folder: URL
    ) throws {
        let config: [String: OptionValue] = [
            "peft_type": .string("LORA"), "task_type": .string(task.rawValue),
            "base_model_name_or_path": .string(base),
            "r": .integer(settings.rank), "lora_alpha": .number(settings.alpha), "lora_dropout": .number(0),
            "target_modules": .list(settings.targets.map { .string($0) }), "bias": .string("none"),
            "fan_in_fan_out": .bool(transposedLinears), "inference_mode": .bool(true),
            "modules_to_save": settings.savedModules.isEmpty
                ? .null : .list(settings.savedModules.map { .string($0) }),
            "use_rslora": .bool(settings.isRankStabilised), "use_dora": .bool(false),
            "rank_pattern": .object(settings.rankPattern.mapValues { .integer($0) }),
            "alpha_pattern": .object(settings.alphaPattern.mapValues { .number($0) }),
            "init_lora_weights": .bool(true),
            "layers_to_transform": .null, "layers_pattern": .null, "revision": .null,
        ]
        var records: [SafetensorsRecord] = []
        for (name, tensor) in zip(parameterNames, parameters) {
            let plain = try tensor.detached().to(dtype)
            records.append(
                .init(name: name, dtype: dtype.stored, shape: plain.shape, bytes: Data(try plain.bytes())))
        }
        try AtomicFile.replaceFolder(at: folder) { target in
            try AtomicFile.write(
                OptionValue.object(config).jsonData, to: target.appendingPathComponent("adapter_config.json"))
            try SafetensorsFile.write(
                records, metadata: ["format": "pt"],
                to: target.appendingPathComponent("adapter_model.safetensors"))
        }
    }

    static func readConfiguration(_ folder: URL) throws -> (LoRASettings, AdapterTargets) {
        let url = folder.appendingPathComponent("adapter_config.json")
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ModelError.missingFile("adapter_config.json", folder: folder.path)
        }
        var fields = try OptionFields(
            OptionValue(json: Data(contentsOf: url), source: url.path), path: "", source: url.path)
        fields.allowUnknown()
        let kind = try fields.require("peft_type", as: String.self)
        guard kind == "LORA" else {
            throw ModelError.unsupportedSetting("peft_type \(kind)", reason: "only LORA adapters load here")
        }
        for (name, reason) in [
            ("use_dora", "DoRA changes magnitudes too; merge the adapter with peft first"),
            ("lora_bias", "biases of adapters are not kept; merge the adapter with peft first"),
            ("use_qalora", "merge the adapter with peft first"),
        ] {
            var isOn = false
            try fields.read(name, into: &isOn)
            if isOn { throw ModelError.unsupportedSetting(name, reason: reason) }
        }
        var bias: String? = "none"
        try fields.read("bias", into: &bias)
        if let bias, bias != "none" {
            throw ModelError.unsupportedSetting("bias \(bias)", reason: "merge the adapter with peft first")
        }
        for name in [
            "alora_invocation_tokens", "layer_replication", "target_parameters",
            "trainable_token_indices",
        ] {
            switch fields.value(name) {
            case nil, .null?, .list([])?: continue
            default: throw ModelError.unsupportedSetting(name, reason: "merge the adapter with peft first")
            }
        }
        var settings = LoRASettings()
        settings.rank = try fields.require("r", as: Int.self)
        guard settings.rank > 0 else { throw ModelError.adapterMismatch("r is \(settings.rank)") }
        settings.alpha = Double(settings.rank)
        try fields.read("lora_alpha", into: &settings.alpha)
        try fields.read("use_rslora", into: &settings.isRankStabilised)
        settings.alphaPattern = try pattern("alpha_pattern", &fields)
        settings.rankPattern = try pattern("rank_pattern", &fields).mapValues { value in
            guard let rank = Int(exactly: value), rank > 0 else {
                throw ModelError.adapterMismatch(
                    "rank_pattern holds a rank that is not a whole number above 0")
            }
            return rank
        }
        if case .list(let modules)? = fields.value("modules_to_save") {
            settings.savedModules = try modules.map {
                try String.read($0, path: "modules_to_save", source: url.path)
            }
        }
        guard let wanted = try names("target_modules", &fields) else {
            throw ModelError.adapterMismatch("adapter_config.json names no target_modules")
        }
        if case .ends(let ends) = wanted { settings.targets = ends }
        var targets = AdapterTargets(names: wanted)
        targets.excluded = try names("exclude_modules", &fields)
        switch fields.value("layers_to_transform") {
        case .integer(let layer)?: targets.layers = [layer]
        case .list(let layers)? where !layers.isEmpty:
            targets.layers = try layers.map {
                try Int.read($0, path: "layers_to_transform", source: url.path)
            }
        default: break
        }
        let lists: [String] =
            switch fields.value("layers_pattern") {
            case .string(let list)? where !list.isEmpty: [list]
            case .list(let lists)?: lists.compactMap { if case .string(let list) = $0 { list } else { nil } }
            default: []
            }
        targets.layerLists =
            try lists.isEmpty
            ? [PathPattern(#"^.*?\.[^.]*\.(\d+)\."#, field: "layers_pattern")]
            : lists.map { try PathPattern(#"^(?:|.*?\.)"# + $0 + #"\.(\d+)\."#, field: "layers_pattern") }
        return (settings, targets)
    }

    /// A list of names, one pattern, or nil when the field is absent or empty.
    private static func names(_ field: String, _ fields: inout OptionFields) throws -> AdapterTargets.Names? {
        switch fields.value(field) {
        case .list(let names)? where !names.isEmpty:
            .ends(names.compactMap { if case .string(let name) = $0 { name } else { nil } })
        case .string("all-linear")?: .all
        case .string(let text)? where !text.isEmpty: .pattern(try PathPattern("^(?:\(text))$", field: field))
        default: nil
        }
    }

    private static func pattern(_ name: String, _ fields: inout OptionFields) throws -> [String: Double] {
        guard case .object(let members)? = fields.value(name) else { return [:] }
        return try members.mapValues {
            switch $0 {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: throw ModelError.adapterMismatch("\(name) holds something that is not a number")
            }
        }
    }
}
