internal import CTheriacTorch

extension Tensor {
    /// The same values in another type or on another device; the tensor itself when nothing changes.
    public func to(_ dtype: DType? = nil, on device: Device? = nil) throws(TensorError) -> Tensor {
        let wanted = dtype ?? self.dtype
        let place = device ?? self.device
        if wanted == self.dtype, place == self.device { return self }
        return try .make("convert") { torch, out in
            withPointer { torch.pointee.convert($0, wanted.rawValue, place.code, out) }
        }
    }

    public func contiguous() throws(TensorError) -> Tensor {
        try .make("contiguous") { torch, out in withPointer { torch.pointee.contiguous($0, out) } }
    }

    /// A copy with storage of its own.
    public func clone() throws(TensorError) -> Tensor {
        try .make("clone") { torch, out in withPointer { torch.pointee.clone($0, out) } }
    }

    /// One size may be −1: whatever is left.
    public func reshape(_ shape: [Int]) throws(TensorError) -> Tensor {
        try .make("reshape") { torch, out in
            withPointer { torch.pointee.reshape($0, shape.map(Int64.init), Int32(shape.count), out) }
        }
    }

    public func permute(_ order: [Int]) throws(TensorError) -> Tensor {
        try .make("permute") { torch, out in
            withPointer { torch.pointee.permute($0, order.map(Int64.init), Int32(order.count), out) }
        }
    }

    /// Swaps the last two dimensions.
    public func transposed() throws(TensorError) -> Tensor {
        var order = Array(0..<rank)
        order.swapAt(rank - 1, rank - 2)
        return try permute(order)
    }

    /// The slice `range` of one dimension, sharing storage.
    public func slice(_ dimension: Int, _ range: Range<Int>) throws(TensorError) -> Tensor {
        try .make("slice") { torch, out in
            withPointer {
                torch.pointee.narrow($0, Int64(dimension), Int64(range.lowerBound), Int64(range.count), out)
            }
        }
    }

    public func expand(_ shape: [Int]) throws(TensorError) -> Tensor {
        try .make("expand") { torch, out in
            withPointer { torch.pointee.expand($0, shape.map(Int64.init), Int32(shape.count), out) }
        }
    }

    public static func concatenate(_ tensors: [Tensor], dimension: Int) throws(TensorError) -> Tensor {
        try make("concatenate") { torch, out in
            withPointers(tensors) { torch.pointee.cat($0, Int32(tensors.count), Int64(dimension), out) }
        }
    }

    /// The entries `indices` (int64 `[n]`) of one dimension.
    public func select(_ dimension: Int, _ indices: Tensor) throws(TensorError) -> Tensor {
        try .make("select") { torch, out in
            withPointer { a in
                indices.withPointer { torch.pointee.index_select(a, Int64(dimension), $0, out) }
            }
        }
    }

    /// `out[i][j] = self[i][indices[i][j]]` along `dimension`.
    public func gather(_ dimension: Int, _ indices: Tensor) throws(TensorError) -> Tensor {
        try .make("gather") { torch, out in
            withPointer { a in indices.withPointer { torch.pointee.gather(a, Int64(dimension), $0, out) } }
        }
    }

    /// In place: overwrites the elements of this tensor (and of all that share its storage).
    public func assign(_ source: Tensor) throws(TensorError) {
        try Tensor.perform("assign") { torch in
            withPointer { a in source.withPointer { torch.pointee.copy_(a, $0) } }
        }
    }

    /// In place: multiplies every element.
    public func scale(by factor: Double) throws(TensorError) {
        try Tensor.perform("scale") { torch in withPointer { torch.pointee.scale_($0, factor) } }
    }

    /// In place: writes `value` at `(rows[i], columns[i])` of a matrix.
    public func put(_ value: Double, rows: [Int64], columns: [Int64]) throws(TensorError) {
        guard !rows.isEmpty else { return }
        precondition(rows.count == columns.count)
        try Tensor.perform("put") { torch in
            withPointer { torch.pointee.put_($0, rows, columns, Int64(rows.count), value) }
        }
    }
}
