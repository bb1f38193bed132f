public import TheriacTensors

/// Token sequences of different lengths laid end to end: nothing is padded.
public struct PackedBatch {
    /// int64 `[total]`.
    public let tokens: Tensor
    /// Where each sequence begins, and the end: one more than sequences.
    public let offsets: [Int]
    /// The place of each token in its sequence, from 0; int64 `[total]`.
    public let positions: Tensor
    /// Where each sequence begins; int64 `[rows]`.
    public let firstTokens: Tensor
    /// As given, end to end.
    let ids: [Int32]

    public var rows: Int { offsets.count - 1 }
    public var total: Int { ids.count }

    /// - Throws: ``ModelError/tooLong(tokens:limit:)``, ``ModelError/tokenOutOfRange(_:vocabulary:)`` or
    ///   ``ModelError/emptySequence(row:)``.
    public init(_ sequences: [[Int32]], for shape: EncoderShape, on device: Device = .cpu) throws {
        var offsets = [0]
        var ids: [Int32] = []
        var positions: [Int64] = []
        ids.reserveCapacity(sequences.reduce(0) { $0 + $1.count })
        positions.reserveCapacity(ids.capacity)
        for (row, sequence) in sequences.enumerated() {
            guard !sequence.isEmpty else { throw ModelError.emptySequence(row: row) }
            guard sequence.count <= shape.context else {
                throw ModelError.tooLong(tokens: sequence.count, limit: shape.context)
            }
            for token in sequence where token < 0 || token >= shape.vocabulary {
                throw ModelError.tokenOutOfRange(Int(token), vocabulary: shape.vocabulary)
            }
            ids += sequence
            positions += (0..<Int64(sequence.count))
            offsets.append(ids.count)
        }
        guard !ids.isEmpty else { throw ModelError.emptySequence(row: 0) }
        self.offsets = offsets
        self.ids = ids
        tokens = try Tensor(ids.map(Int64.init), shape: [ids.count], on: device)
        self.positions = try Tensor(positions, shape: [ids.count], on: device)
        firstTokens = try Tensor(
            offsets.dropLast().map(Int64.init), shape: [offsets.count - 1], on: device)
    }

    /// Attention within each sequence.
    ///
    /// - Parameters:
    ///   - query: `[total, width]`, or `[rows, width]` of the first tokens only; `key`, `value`: `[total, width]`.
    ///   - window: how many tokens to each side are seen; nil for all.
    func attend(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, heads: Int, window: Int? = nil, scale: Double
    ) throws(TensorError) -> Tensor {
        try .packedAttention(
            query, key, value, queryBorders: query.size(0) == total ? offsets : Array(0...rows),
            keyBorders: offsets, heads: heads, window: window, scale: scale)
    }
}

/// Hidden states between two layers: float32, to which layers add, and in the type the next products are computed in.
struct Stream {
    let exact: Tensor
    let rounded: Tensor

    init(_ exact: Tensor, _ type: DType) throws(TensorError) {
        self.exact = exact
        rounded = try exact.to(type)
    }

    private init(exact: Tensor, rounded: Tensor) {
        self.exact = exact
        self.rounded = rounded
    }

    /// The rows of each sequence's first token.
    func first(_ batch: PackedBatch) throws(TensorError) -> Stream {
        let exact = try exact.select(0, batch.firstTokens)
        let rounded = try rounded.dtype == .float32 ? exact : rounded.select(0, batch.firstTokens)
        return Stream(exact: exact, rounded: rounded)
    }
}

extension LayerNorm {
    /// Norm of float32 `x`, ready for products in `type`.
    func stream(_ x: Tensor, _ type: DType) throws(TensorError) -> Stream { try Stream(self(x), type) }
}
