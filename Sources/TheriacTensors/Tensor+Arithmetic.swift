internal import CTheriacTorch

extension Tensor {
    public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("add", TT_ADD, a, b)
    }
    public static func - (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("subtract", TT_SUB, a, b)
    }
    public static func * (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("multiply", TT_MUL, a, b)
    }
    public static func / (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("divide", TT_DIV, a, b)
    }
    public static func + (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("add", TT_ADD, a, b)
    }
    public static func - (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("subtract", TT_SUB, a, b)
    }
    public static func * (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("multiply", TT_MUL, a, b)
    }
    public static func / (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("divide", TT_DIV, a, b)
    }

    /// Element-wise comparisons: bool, of the broadcast shape.
    public static func .< (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("compare", TT_LT, a, b)
    }
    public static func .< (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("compare", TT_LT, a, b)
    }
    public static func .> (a: Tensor, b: Double) throws(TensorError) -> Tensor {
        try scalar("compare", TT_GT, a, b)
    }
    public static func .== (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try binary("compare", TT_EQ, a, b)
    }

    public func exp() throws(TensorError) -> Tensor { try unary("exp", TT_EXP) }
    public func log() throws(TensorError) -> Tensor { try unary("log", TT_LOG) }
    public func tanh() throws(TensorError) -> Tensor { try unary("tanh", TT_TANH) }
    public func cos() throws(TensorError) -> Tensor { try unary("cos", TT_COS) }
    public func sin() throws(TensorError) -> Tensor { try unary("sin", TT_SIN) }
    public func sigmoid() throws(TensorError) -> Tensor { try unary("sigmoid", TT_SIGMOID) }
    public func squareRoot() throws(TensorError) -> Tensor { try unary("square root", TT_SQRT) }
    public func relu() throws(TensorError) -> Tensor { try unary("relu", TT_RELU) }
    public func silu() throws(TensorError) -> Tensor { try unary("silu", TT_SILU) }
    /// The exact form, x·Φ(x).
    public func gelu() throws(TensorError) -> Tensor { try unary("gelu", TT_GELU_ERF) }
    /// The tanh form, which GPT-2 calls `gelu_new`.
    public func geluTanh() throws(TensorError) -> Tensor { try unary("gelu", TT_GELU_TANH) }

    public func sum() throws(TensorError) -> Tensor { try reduce("sum", TT_SUM, nil, false) }
    public func mean() throws(TensorError) -> Tensor { try reduce("mean", TT_MEAN, nil, false) }
    public func sum(_ dimension: Int, keeping: Bool = false) throws(TensorError) -> Tensor {
        try reduce("sum", TT_SUM, dimension, keeping)
    }
    public func max(_ dimension: Int, keeping: Bool = false) throws(TensorError) -> Tensor {
        try reduce("max", TT_MAX, dimension, keeping)
    }
    /// Whether no element is infinite or not a number.
    public func isFinite() throws(TensorError) -> Bool {
        try unary("finite", TT_ISFINITE).reduce("all", TT_ALL, nil, false).item() != 0
    }

    /// int64, without `dimension`.
    public func argmax(_ dimension: Int) throws(TensorError) -> Tensor {
        try .make("argmax") { torch, out in withPointer { torch.pointee.argmax($0, Int64(dimension), out) } }
    }

    /// The `count` largest along the last dimension, descending, with their int64 indices.
    public func top(_ count: Int) throws(TensorError) -> (values: Tensor, indices: Tensor) {
        var indices: OpaquePointer?
        let values = try Tensor.make("top") { torch, out in
            withPointer { torch.pointee.top($0, Int64(count), -1, out, &indices) }
        }
        guard let indices else { throw .operationFailed(op: "top", reason: "no result") }
        return (values, Tensor(handle: TensorHandle(adopting: indices, try Torch.api())))
    }

    public func softmax(_ dimension: Int = -1) throws(TensorError) -> Tensor {
        try .make("softmax") { torch, out in
            withPointer { torch.pointee.softmax($0, Int64(dimension), false, out) }
        }
    }

    public func logSoftmax(_ dimension: Int = -1) throws(TensorError) -> Tensor {
        try .make("log softmax") { torch, out in
            withPointer { torch.pointee.softmax($0, Int64(dimension), true, out) }
        }
    }

    /// Elements of `a` where `self` (bool) holds, of `b` elsewhere.
    public func choose(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
        try .make("choose") { torch, out in
            withPointer { c in a.withPointer { x in b.withPointer { torch.pointee.where(c, x, $0, out) } } }
        }
    }

    public func filled(where mask: Tensor, with value: Double) throws(TensorError) -> Tensor {
        try .make("fill") { torch, out in
            withPointer { a in mask.withPointer { torch.pointee.masked_fill(a, $0, value, out) } }
        }
    }

    public func matmul(_ other: Tensor) throws(TensorError) -> Tensor {
        try .make("matmul") { torch, out in
            withPointer { a in other.withPointer { torch.pointee.matmul(a, $0, out) } }
        }
    }

    private static func binary(
        _ name: StaticString, _ op: Int, _ a: Tensor, _ b: Tensor
    ) throws(TensorError) -> Tensor {
        try make(name) { torch, out in
            a.withPointer { x in b.withPointer { torch.pointee.binary(Int32(op), x, $0, out) } }
        }
    }

    private static func scalar(_ name: StaticString, _ op: Int, _ a: Tensor, _ b: Double) throws(TensorError)
        -> Tensor
    {
        try make(name) { torch, out in a.withPointer { torch.pointee.binary_scalar(Int32(op), $0, b, out) } }
    }

    private func unary(_ name: StaticString, _ op: Int) throws(TensorError) -> Tensor {
        try .make(name) { torch, out in withPointer { torch.pointee.unary(Int32(op), $0, out) } }
    }

    private func reduce(
        _ name: StaticString, _ op: Int, _ dimension: Int?, _ keep: Bool
    ) throws(TensorError) -> Tensor {
        try .make(name) { torch, out in
            withPointer { torch.pointee.reduce(Int32(op), $0, dimension.map(Int64.init) ?? .min, keep, out) }
        }
    }
}
