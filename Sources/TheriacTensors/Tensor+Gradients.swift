internal import CTheriacTorch

extension Torch {
    /// Whether operations of this thread are recorded for gradients.
    public static var recordsGradients: Bool { (try? api())?.pointee.grad_enabled() ?? false }
}

extension Tensor {
    /// The same values, cut from the graph of recorded operations.
    public func detached() throws(TensorError) -> Tensor {
        try .make("detach") { torch, out in withPointer { torch.pointee.detach($0, out) } }
    }

    /// Makes this a leaf that collects gradients, or stops that.
    public func setRequiresGradient(_ wanted: Bool = true) throws(TensorError) {
        try Tensor.perform("requires gradient") { torch in
            withPointer { torch.pointee.set_requires_grad($0, wanted) }
        }
    }

    /// Whether operations on this tensor are recorded.
    public var requiresGradient: Bool {
        guard let torch = try? Torch.api() else { return false }
        return withPointer { torch.pointee.requires_grad($0) }
    }

    /// Adds gradients to all leaves this tensor was made from; `gradient` is that of the tensor itself, 1 for a scalar.
    public func backward(_ gradient: Tensor? = nil) throws(TensorError) {
        try Tensor.perform("backward") { torch in
            withPointer { x in
                withExtendedLifetime(gradient) { torch.pointee.backward(x, gradient?.handle.pointer) }
            }
        }
    }

    /// The collected gradient, nil when there is none.
    public func gradient() throws(TensorError) -> Tensor? {
        let torch = try Torch.api()
        var result: OpaquePointer?
        try Torch.check("gradient", withPointer { torch.pointee.gradient($0, &result) }, torch)
        return result.map { Tensor(handle: TensorHandle(adopting: $0, torch)) }
    }

    public func clearGradient() throws(TensorError) {
        try Tensor.perform("clear gradient") { torch in withPointer { torch.pointee.clear_gradient($0) } }
    }
}

/// Scales the gradients of `parameters` in place so that their common L2 norm is at most `limit`; 0 only measures.
///
/// - Returns: the norm before scaling.
public func clipGradients(of parameters: [Tensor], to limit: Double) throws(TensorError) -> Double {
    var norm = 0.0
    try Tensor.perform("clip gradients") { torch in
        Tensor.withPointers(parameters) {
            torch.pointee.clip_gradients($0, Int32(parameters.count), limit, &norm)
        }
    }
    return norm
}
