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
public final class LoRAAdapter {
    public let settings: LoRASettings
    /// Layers it changes, with their additions; float32.
    public let layers: [(path: String, layer: Linear, addition: Linear.LowRank)]

    private init(_ settings: LoRASettings, _ layers: [(String, Linear, Linear.LowRank)]) {
        self.settings = settings
        self.layers = layers
        for (_, layer, addition) in layers { layer.attach(addition) }
    }

    /// Attaches a fresh adapter, which changes nothing yet: `a` uniform (Kaiming with a = √5, as PEFT), `b` zero.
    public convenience init(on model: any Architecture, settings: LoRASettings, seed: UInt64) throws {
        var settings = settings
        if settings.targets.isEmpty { settings.targets = type(of: model).adapterTargets }
        if settings.targets == [LoRASettings.allLinear] {
            settings.targets = Set(model.linears.map { String($0.path.split(separator: ".").last ?? "") })
                .sorted()
        }
        let targets = AdapterTargets(names: .ends(settings.targets))
        var layers: [(String, Linear, Linear.LowRank)] = []
        for (path, layer) in model.linears where targets.matches(path) {
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
                    + Set(model.linears.map { $0.path.split(separator: ".").last.map(String.init) ?? "" })
                    .sorted()
                    .joined(separator: ", "))
        }
        self.init(settings, layers)
    }

    /// Attaches the adapter saved in `folder`, by us or by PEFT.
    public convenience init(on model: any Architecture, folder: URL) throws {
        var (settings, selection) = try Self.readConfiguration(folder)
        let file = folder.appendingPathComponent("adapter_model.safetensors")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw ModelError.missingFile("adapter_model.safetensors", folder: folder.path)
        }
        let stored = try SafetensorsFile(contentsOf: file)
        var unused = Set(stored.tensors.keys)
        var layers: [(String, Linear, Linear.LowRank)] = []
        for (path, layer) in model.linears where selection.matches(path) {
            let key = "base_model.model." + path
            let rank = try settings.rank(of: path)
            let a = try Self.read(
                key + ".lora_A.weight", [rank, layer.inputs], stored, on: layer.weight.device)
            let b = try Self.read(
                key + ".lora_B.weight", [layer.outputs, rank], stored, on: layer.weight.device)
            unused.subtract([key + ".lora_A.weight", key + ".lora_B.weight"])
            layers.append((path, layer, .init(a: a, b: b, scale: try settings.scale(of: path))))
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
        self.init(settings, layers)
    }

    /// What an optimiser changes: all `a` and `b`, in a fixed order.
    public var parameters: [Tensor] { layers.flatMap { [$0.addition.a, $0.addition.b] } }

    /// Names of ``parameters`` in PEFT's file.
    public var parameterNames: [String] {
        layers.flatMap {
            ["base_model.model.\($0.path).lora_A.weight", "base_model.model.\($0.path).lora_B.weight"]
        }
    }

    /// Adds the adapter to the weights for good, so that it costs nothing to use.
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
