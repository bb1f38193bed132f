public import Foundation
internal import TheriacFiles
public import TheriacOptions
public import TheriacTensors

/// Settings of a low-rank adapter, as in PEFT's `adapter_config.json`.
///
/// Source: Hu et al., *LoRA: Low-Rank Adaptation of Large Language Models*, ICLR 2022; defaults are PEFT's.
public struct LoRASettings: Options, Equatable {
    /// r in the paper.
    public var rank = 8
    /// α in the paper; the addition is scaled by α / r.
    public var alpha = 8.0
    /// The one target that stands for every linear layer but the head.
    public static let allLinear = "all-linear"

    /// Ends of the paths of the layers that are changed; `all-linear` for all, empty for the architecture's usual ones.
    public var targets: [String] = []
    /// Scale by α / √r instead.
    public var isRankStabilised = false
    /// Modules trained whole beside the additions, by the ends of their paths, such as `classifier`; empty for the
    /// model's usual ones. Not an option of recipes: what a head is made of is the family's affair.
    public var savedModules: [String] = []
    var rankPattern: [String: Int] = [:]
    var alphaPattern: [String: Double] = [:]

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rank", into: &rank, in: 1...4096)
        if fields.names.contains("rank") { alpha = Double(rank) }
        try fields.read("alpha", into: &alpha, in: 0...1e6)
        try fields.read("targets", into: &targets)
        try fields.read("rank-stabilised", into: &isRankStabilised)
    }

    func rank(of path: String) throws -> Int {
        try PathPattern.value(in: rankPattern, for: path, field: "rank_pattern") ?? rank
    }

    func scale(of path: String) throws -> Double {
        let rank = Double(try rank(of: path))
        let alpha = try PathPattern.value(in: alphaPattern, for: path, field: "alpha_pattern") ?? alpha
        return alpha / (isRankStabilised ? rank.squareRoot() : rank)
    }
}

/// A low-rank adapter attached to a model: what is trained, saved and loaded.
///
/// Of a classifier it also trains and saves modules of the head whole; those are the model's own weights.
public final class LoRAAdapter {
    public let settings: LoRASettings
    public let task: AdapterTask
    /// Layers it changes, with their additions; float32.
    public let layers: [(path: String, layer: Linear, addition: Linear.LowRank)]
    /// Weights of the modules that are trained whole, float32, by their names in the Hugging Face class.
    public let saved: [Parameter]

    private init(
        _ settings: LoRASettings, _ task: AdapterTask, _ layers: [(String, Linear, Linear.LowRank)],
        _ saved: [Parameter]
    ) {
        self.settings = settings
        self.task = task
        self.layers = layers
        self.saved = saved
        for (_, layer, addition) in layers { layer.attach(addition) }
    }

    /// Attaches a fresh adapter, which changes nothing yet: `a` uniform (Kaiming with a = √5, as PEFT), `b` zero.
    public convenience init(on model: any AdapterHost, settings: LoRASettings, seed: UInt64) throws {
        var settings = settings
        if settings.targets.isEmpty { settings.targets = model.adapterTargets }
        if settings.savedModules.isEmpty { settings.savedModules = model.savedModules }
        let savedModules = SavedModules(names: settings.savedModules)
        let linears = model.linears.filter { !savedModules.contain($0.path) }
        if settings.targets == [LoRASettings.allLinear] {
            settings.targets = Set(linears.map { String($0.path.split(separator: ".").last ?? "") }).sorted()
        }
        let targets = AdapterTargets(names: .ends(settings.targets))
        var layers: [(String, Linear, Linear.LowRank)] = []
        for (path, layer) in linears where targets.matches(path) {
            let rank = try settings.rank(of: path)
            let device = layer.weight.device
            var stream = RandomStream(seed: seed, prompt: path, continuation: 0)
            let bound = 1 / Double(layer.inputs).squareRoot()
            let uniform = try Tensor.random([rank, layer.inputs], normal: false, seed: stream.next())
            let a = try (uniform * (2 * bound) - bound).to(on: device)
            let b = try Tensor.zeros([layer.outputs, rank], on: device)
            layers.append((path, layer, .init(a: a, b: b, scale: try settings.scale(of: path))))
        }
        guard !layers.isEmpty else {
            throw ModelError.adapterMismatch(
                "no layer is called \(settings.targets.joined(separator: " or ")); the model has "
                    + Set(linears.map { $0.path.split(separator: ".").last.map(String.init) ?? "" })
                    .sorted()
                    .joined(separator: ", "))
        }
        self.init(settings, model.adapterTask, layers, savedModules.parameters(of: model))
    }

    /// Attaches the adapter saved in `folder`, by us or by PEFT. Modules it saved whole replace the model's, in place.
    public convenience init(on model: any AdapterHost, folder: URL) throws {
        var (settings, selection) = try Self.readConfiguration(folder)
        let savedModules = SavedModules(names: settings.savedModules)
        let saved = savedModules.parameters(of: model)
        if !settings.savedModules.isEmpty, saved.isEmpty {
            throw ModelError.unsupportedSetting(
                "modules_to_save", reason: "merge the adapter with peft first")
        }
        let file = folder.appendingPathComponent("adapter_model.safetensors")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw ModelError.missingFile("adapter_model.safetensors", folder: folder.path)
        }
        let stored = try SafetensorsFile(contentsOf: file)
        var unused = Set(stored.tensors.keys)
        var layers: [(String, Linear, Linear.LowRank)] = []
        for (path, layer) in model.linears where selection.matches(path) && !savedModules.contain(path) {
            let key = Self.prefix + path
            let rank = try settings.rank(of: path)
            let a = try Self.read(
                key + ".lora_A.weight", [rank, layer.inputs], stored, on: layer.weight.device)
            let b = try Self.read(
                key + ".lora_B.weight", [layer.outputs, rank], stored, on: layer.weight.device)
            unused.subtract([key + ".lora_A.weight", key + ".lora_B.weight"])
            layers.append((path, layer, .init(a: a, b: b, scale: try settings.scale(of: path))))
        }
        let replacements = try saved.map { parameter in
            let key = Self.prefix + parameter.name
            unused.remove(key)
            return try Self.read(key, parameter.tensor.shape, stored, on: parameter.tensor.device)
        }
        guard unused.isEmpty else {
            throw ModelError.adapterMismatch(
                "it holds \(unused.count) tensors the model has no place for, for example \(unused.min() ?? "")"
            )
        }
        guard !layers.isEmpty else {
            throw ModelError.adapterMismatch("none of its target modules is in the model")
        }
        // Written again, it names its layers one by one: a pattern or a choice of layers is settled now.
        if !selection.isPlain { settings.targets = layers.map(\.0) }
        for (parameter, replacement) in zip(saved, replacements) { try parameter.tensor.assign(replacement) }
        self.init(settings, model.adapterTask, layers, saved)
    }

    /// What an optimiser changes: all `a` and `b`, then the modules trained whole, in a fixed order.
    public var parameters: [Tensor] {
        layers.flatMap { [$0.addition.a, $0.addition.b] } + saved.map(\.tensor)
    }

    /// Names of ``parameters`` in PEFT's file.
    public var parameterNames: [String] {
        layers.flatMap {
            ["\(Self.prefix)\($0.path).lora_A.weight", "\(Self.prefix)\($0.path).lora_B.weight"]
        } + saved.map { Self.prefix + $0.name }
    }

    private static let prefix = "base_model.model."

    /// Adds the additions to the weights for good, so that they cost nothing to use. Modules trained whole are the
    /// model's own already.
    public func merge() throws {
        for (_, layer, _) in layers { try layer.merge() }
    }

    private static func read(_ key: String, _ shape: [Int], _ file: SafetensorsFile, on device: Device) throws
        -> Tensor
    {
        guard let entry = file.tensors[key] else { throw ModelError.adapterMismatch("'\(key)' is missing") }
        guard entry.shape == shape else {
            throw ModelError.wrongShape(weight: key, found: entry.shape, expected: shape)
        }
        guard let type = DType(entry.dtype), type.isFloatingPoint else {
            throw ModelError.unsupportedType(weight: key, type: entry.dtype.rawValue)
        }
        let tensor = try file.withBytes(of: key) { try Tensor(bytes: $0, shape: shape, dtype: type) }
        guard try tensor.isFinite() else { throw ModelError.notFinite(weight: key) }
        return try tensor.to(.float32, on: device)
    }
}
