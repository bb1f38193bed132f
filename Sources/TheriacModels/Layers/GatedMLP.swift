import TheriacTensors

/// down(activation(gate(x)) · up(x)).
///
/// Source: Shazeer, *GLU Variants Improve Transformer*, 2020.
struct GatedMLP {
    let linears: [(path: String, layer: Linear)]
    private let activation: Activation
    private let inner: Inner
    private let down: Linear

    private enum Inner {
        case apart(gate: Linear, up: Linear)
        /// `[2 · inner, width]`: the gate's rows first.
        case together(Linear)
    }

    /// - Parameters:
    ///   - path: of the module, the same for weights and adapters but for what precedes it.
    ///   - isFused: gate and up are one weight, `gate_up_proj`.
    init(
        _ store: ParameterStore, _ path: ModulePath, width: Int, inner: Int, activation: Activation,
        bias: Bool, isFused: Bool, deviation: Double
    ) throws {
        var linears: [(path: String, layer: Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            let layer = try Linear(
                store, path.stored + "." + name, inputs: inputs, outputs: outputs, bias: bias,
                deviation: deviation)
            linears.append((path.named + "." + name, layer))
            return layer
        }
        self.activation = activation
        self.inner =
            isFused
            ? .together(try linear("gate_up_proj", width, 2 * inner))
            : .apart(
                gate: try linear("gate_proj", width, inner), up: try linear("up_proj", width, inner))
        down = try linear("down_proj", inner, width)
        self.linears = linears
    }

    /// `[…, width]` to the same.
    func callAsFunction(_ x: Tensor, addingTo residual: Tensor? = nil) throws -> Tensor {
        switch inner {
        case .apart(let gate, let up):
            return try down(gate(x, activation) * up(x), addingTo: residual)
        case .together(let both):
            let all = try both(x)
            let gated = try all.reshape([-1, all.size(-1)]).gated(activation)
            return try down(gated.reshape(x.shape.dropLast() + [-1]), addingTo: residual)
        }
    }
}

/// Where a module is: in the file, and in the Hugging Face class, which adapters name it by.
struct ModulePath {
    let stored: String
    let named: String

    func appending(_ part: String) -> ModulePath {
        ModulePath(stored: "\(stored).\(part)", named: "\(named).\(part)")
    }
}
