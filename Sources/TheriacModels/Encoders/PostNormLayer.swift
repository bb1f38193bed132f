internal import TheriacTensors

/// A layer with its norms after the additions, as BERT and those after it have it.
///
/// Source: Vaswani et al., *Attention Is All You Need*, NeurIPS 2017; Devlin et al., *BERT*, NAACL 2019.
struct PostNormLayer {
    /// Ends of the paths of its modules.
    struct Names {
        var query = "attention.self.query"
        var key = "attention.self.key"
        var value = "attention.self.value"
        var attentionOutput = "attention.output.dense"
        var attentionNorm = "attention.output.LayerNorm"
        var inner = "intermediate.dense"
        var outer = "output.dense"
        var outputNorm = "output.LayerNorm"
    }

    struct Sizes {
        var width: Int
        var inner: Int
        var heads: Int
        var epsilon: Double
        var activation: Activation
    }

    let linears: [(path: String, layer: Linear)]
    let query, key: Linear
    private let value, attentionOutput, inner, outer: Linear
    private let attentionNorm, outputNorm: LayerNorm
    private let sizes: Sizes

    init(_ store: ParameterStore, _ path: String, _ sizes: Sizes, _ names: Names = Names()) throws {
        var linears: [(String, Linear)] = []
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
            let layer = try Linear(store, "\(path).\(name)", inputs: inputs, outputs: outputs)
            linears.append(("\(path).\(name)", layer))
            return layer
        }
        query = try linear(names.query, sizes.width, sizes.width)
        key = try linear(names.key, sizes.width, sizes.width)
        value = try linear(names.value, sizes.width, sizes.width)
        attentionOutput = try linear(names.attentionOutput, sizes.width, sizes.width)
        attentionNorm = try LayerNorm(
            store, "\(path).\(names.attentionNorm)", width: sizes.width, epsilon: sizes.epsilon)
        inner = try linear(names.inner, sizes.width, sizes.inner)
        outer = try linear(names.outer, sizes.inner, sizes.width)
        outputNorm = try LayerNorm(
            store, "\(path).\(names.outputNorm)", width: sizes.width, epsilon: sizes.epsilon)
        self.linears = linears
        self.sizes = sizes
    }

    /// `[total, width]` to the same, or to `[rows, width]` of the first tokens.
    ///
    /// - Parameter attention: mixes queries, keys and values where that is not done in the usual way.
    func callAsFunction(
        _ x: Stream, _ batch: PackedBatch, firstOnly: Bool = false,
        attention: ((_ query: Tensor, _ key: Tensor, _ value: Tensor) throws -> Tensor)? = nil
    ) throws -> Stream {
        let type = x.rounded.dtype
        let asking = firstOnly ? try x.first(batch) : x
        let (q, k, v) = try (query.rows(asking.rounded), key.rows(x.rounded), value.rows(x.rounded))
        let mixed =
            try attention?(q, k, v)
            ?? batch.attend(
                q, k, v, heads: sizes.heads, scale: 1 / Double(sizes.width / sizes.heads).squareRoot())
        let y = try attentionNorm.stream(attentionOutput.rows(mixed, addingTo: asking.exact), type)
        let grown = try inner.rows(y.rounded, sizes.activation)
        return try outputNorm.stream(outer.rows(grown, addingTo: y.exact), type)
    }
}

extension [PostNormLayer] {
    /// Hidden states after all layers, float32 `[total, width]`; of the first tokens only, `[rows, width]`, which spares
    /// most of the last layer.
    func states(_ embedded: Stream, _ batch: PackedBatch, firstOnly: Bool) throws -> Tensor {
        var x = embedded
        for (index, layer) in enumerated() {
            x = try layer(x, batch, firstOnly: firstOnly && index == count - 1)
        }
        return x.exact
    }
}
