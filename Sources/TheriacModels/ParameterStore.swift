internal import Foundation
internal import TheriacFiles
public import TheriacTensors

/// One named weight of a model.
public struct Parameter {
    /// The name in the checkpoint.
    public let name: String
    /// As the model uses it; matrices are `[out, in]`.
    public let tensor: Tensor
    /// Stored as `[in, out]` in the checkpoint (GPT-2's Conv1D).
    public let isStoredTransposed: Bool
}

/// Where an architecture takes its weights from, and the list of those it took.
///
/// The same initialiser of a model so reads a checkpoint, makes a fresh model, and names what is to be saved.
public final class ParameterStore {
    /// How a fresh weight starts.
    public enum Initial: Sendable {
        case normal(Double)
        case constant(Double)
    }

    enum Source {
        case checkpoint(ShardedSafetensors, folder: String)
        case fresh(seed: UInt64)
    }

    public private(set) var dtype: DType
    public let device: Device
    public private(set) var parameters: [Parameter] = []
    private let source: Source
    /// What comes before names in the file, when it was saved without its head class.
    private let missingPrefix: String
    /// Makes the head over a checkpoint fresh.
    private let headSeed: UInt64?
    private var isInHead = false
    /// Rounds to ``dtype`` only what products multiply with; embeddings, norms and biases stay float32.
    private let roundsFactorsOnly: Bool

    /// Reads the checkpoint `weights`; `headPrefix` (for example `transformer.`) may be missing from its names.
    init(
        _ weights: ShardedSafetensors, folder: String, headPrefix: String, dtype: DType, device: Device,
        headSeed: UInt64? = nil, roundsFactorsOnly: Bool = false
    ) {
        let hasPrefix = weights.tensors.keys.contains { $0.hasPrefix(headPrefix) }
        source = .checkpoint(weights, folder: folder)
        missingPrefix = hasPrefix ? "" : headPrefix
        self.headSeed = headSeed
        self.roundsFactorsOnly = roundsFactorsOnly
        self.dtype = dtype
        self.device = device
    }

    /// Makes fresh weights; the same ones for the same seed.
    public init(freshWithSeed seed: UInt64, dtype: DType = .float32, device: Device = .cpu) {
        source = .fresh(seed: seed)
        missingPrefix = ""
        headSeed = nil
        roundsFactorsOnly = false
        self.dtype = dtype
        self.device = device
    }

    /// Takes a head's weights: float32, and fresh where the checkpoint is a base that shall get a new head.
    func head<R>(_ body: () throws -> R) rethrows -> R {
        let before = dtype
        dtype = .float32
        isInHead = true
        defer {
            dtype = before
            isInHead = false
        }
        return try body()
    }

    /// The weight `name`, checked for shape and for values that are not finite.
    ///
    /// - Parameters:
    ///   - shape: as the model uses it.
    ///   - storedTransposed: the file holds the matrix the other way round.
    ///   - isFactor: it is the matrix of a product.
    public func parameter(
        _ name: String, _ shape: [Int], initial: Initial, storedTransposed: Bool = false,
        isFactor: Bool = false
    ) throws -> Tensor {
        let dtype = roundsFactorsOnly && !isFactor ? .float32 : dtype
        let tensor =
            switch source {
            case .checkpoint(let file, _) where isInHead && isFresh(name, file):
                try fresh(name, shape, initial, seed: headSeed ?? 0, dtype)
            case .checkpoint(let file, let folder):
                try stored(name, shape, in: file, folder: folder, transposed: storedTransposed, dtype)
            case .fresh(let seed):
                try fresh(name, shape, initial, seed: seed, dtype)
            }
        parameters.append(Parameter(name: name, tensor: tensor, isStoredTransposed: storedTransposed))
        return tensor
    }

    /// The first of `names` that the checkpoint holds, for weights that were once called otherwise; the first of all for
    /// fresh weights, and where it holds none.
    func name(among names: String...) -> String {
        guard case .checkpoint(let file, _) = source else { return names[0] }
        return names.first { file.tensors[key(of: $0, in: file)] != nil } ?? names[0]
    }

    /// Whether a part of a new head: the last layers always are, the others when the base lacks them.
    private func isFresh(_ name: String, _ file: ShardedSafetensors) -> Bool {
        headSeed != nil && (name.hasPrefix("classifier.") || file.tensors[key(of: name, in: file)] == nil)
    }

    /// The name in the file: without the prefix where the file lacks it, and as TensorFlow called it in very old ones.
    private func key(of name: String, in file: ShardedSafetensors) -> String {
        let key =
            missingPrefix.isEmpty || !name.hasPrefix(missingPrefix)
            ? name : String(name.dropFirst(missingPrefix.count))
        guard file.tensors[key] == nil else { return key }
        for (new, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
        where key.hasSuffix(new) {
            let before = String(key.dropLast(new.count) + old)
            if file.tensors[before] != nil { return before }
        }
        return key
    }

    private func stored(
        _ name: String, _ shape: [Int], in file: ShardedSafetensors, folder: String, transposed: Bool,
        _ dtype: DType
    ) throws -> Tensor {
        let key = key(of: name, in: file)
        guard let entry = file.tensors[key] else { throw ModelError.missingWeight(name, folder: folder) }
        let expected = transposed ? Array(shape.reversed()) : shape
        guard entry.shape == expected else {
            throw ModelError.wrongShape(weight: name, found: entry.shape, expected: expected)
        }
        guard let type = DType(entry.dtype), type.isFloatingPoint else {
            throw ModelError.unsupportedType(weight: name, type: entry.dtype.rawValue)
        }
        var tensor = try file.withBytes(of: key) { try Tensor(bytes: $0, shape: expected, dtype: type) }
        guard try tensor.isFinite() else { throw ModelError.notFinite(weight: name) }
        if transposed { tensor = try tensor.transposed() }
        return try tensor.to(dtype, on: device).contiguous()
    }

    private func fresh(_ name: String, _ shape: [Int], _ initial: Initial, seed: UInt64, _ dtype: DType)
        throws -> Tensor
    {
        switch initial {
        case .constant(let value):
            return try .full(shape, value, dtype: dtype, on: device)
        case .normal(let deviation):
            var stream = RandomStream(seed: seed, prompt: name, continuation: 0)
            return try (Tensor.random(shape, seed: stream.next()) * deviation).to(dtype, on: device)
        }
    }
}
