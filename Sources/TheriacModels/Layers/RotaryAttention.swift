import TheriacTensors

/// Attention with turned queries and keys, and fewer heads for keys and values than for queries.
struct RotaryAttention {
    let linears: [(path: String, layer: Linear)]
    private let inputs: Inputs
    private let output: Linear
    private let queryNorm: RMSNorm?
    private let keyNorm: RMSNorm?
    private let rotation: Rotary
    private let layer: Int
    private let heads: Int
    private let sharedHeads: Int
    private let width: Int  // of a head
    private let scale: Double
    private let window: Int?
    private let cap: Double?

    private enum Inputs {
        case apart(query: Linear, key: Linear, value: Linear)
        /// The rows of queries, then of keys, then of values.
        case together(Linear)
    }

    init(
        _ store: ParameterStore, _ path: ModulePath, _ config: RotaryDecoderConfiguration, layer: Int
    ) throws {
        (heads, sharedHeads, width) = (config.heads, config.sharedHeads, config.widthOfHead)
        self.layer = layer
        var linears: [(path: String, layer: Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) throws -> Linear {
            let layer = try Linear(
                store, path.stored + "." + name, inputs: inputs, outputs: outputs, bias: bias,
                deviation: config.deviation)
            linears.append((path.named + "." + name, layer))
            return layer
        }
        func input(_ name: String, heads: Int) throws -> Linear {
            try linear(name, config.width, heads * config.widthOfHead, bias: config.inputBias)
        }
        inputs =
            config.isFused
            ? .together(try input("qkv_proj", heads: heads + 2 * sharedHeads))
            : .apart(
                query: try input("q_proj", heads: heads), key: try input("k_proj", heads: sharedHeads),
                value: try input("v_proj", heads: sharedHeads))
        output = try linear("o_proj", heads * width, config.width, bias: config.outputBias)
        self.linears = linears
        func norm(_ name: String) throws -> RMSNorm? {
            guard config.normsHeads else { return nil }
            return try RMSNorm(
                store, "\(path.stored).\(name)", width: config.widthOfHead, epsilon: config.epsilon,
                offset: config.normOffset)
        }
        queryNorm = try norm("q_norm")
        keyNorm = try norm("k_norm")
        rotation = config.rotations[config.rotations.count == 1 ? 0 : layer]
        scale = 1 / (config.scoreWidth ?? Double(width)).squareRoot()
        window = config.windows.isEmpty ? nil : config.windows[layer]
        cap = config.attentionCap
    }

    /// `[rows, length, width of the model]` to the same.
    func callAsFunction(_ x: Tensor, _ pass: Pass, addingTo residual: Tensor?) throws -> Tensor {
        var (query, key, value) = try projected(x)
        if let queryNorm, let keyNorm { (query, key) = try (queryNorm(query), keyNorm(key)) }
        let mixed = try pass.attend(
            layer: layer, query: rotation(query, pass), key: rotation(key, pass), value: value,
            scale: scale, window: window, cap: cap)
        return try output(mixed, addingTo: residual)
    }

    /// Queries, keys and values, `[rows, length, heads, width]` each.
    private func projected(_ x: Tensor) throws -> (Tensor, Tensor, Tensor) {
        func split(_ y: Tensor, _ heads: Int) throws -> Tensor {
            try y.reshape([x.size(0), x.size(1), heads, width])
        }
        switch inputs {
        case .apart(let query, let key, let value):
            return (
                try split(query(x), heads), try split(key(x), sharedHeads), try split(value(x), sharedHeads)
            )
        case .together(let all):
            let mixed = try split(all(x), heads + 2 * sharedHeads)
            let keys = heads + sharedHeads
            return (
                try mixed.slice(2, 0..<heads), try mixed.slice(2, heads..<keys),
                try mixed.slice(2, keys..<keys + sharedHeads)
            )
        }
    }
}
