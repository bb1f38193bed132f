public import TheriacTensors

/// Keys and values of what a model has read: one pool of tokens a layer, in which every sequence holds a segment.
///
/// Segments of any length come and go; nothing is padded. The pool grows when no gap is wide enough.
public final class KVCache {
    /// Consecutive tokens of the pool.
    public struct Segment: Equatable, Sendable {
        public let start: Int
        public let capacity: Int
    }

    public let shape: ModelShape
    private let dtype: DType
    private let device: Device
    /// Tokens the pool has room for.
    public private(set) var capacity = 0
    /// Gaps between segments, by their begin; no two touch.
    private var gaps: [Range<Int>] = []
    private var keys: [Tensor] = []  // per layer [capacity, keyValueHeads, width]
    private var values: [Tensor] = []

    public init(_ shape: ModelShape, dtype: DType, on device: Device = .cpu) {
        self.shape = shape
        self.dtype = dtype
        self.device = device
    }

    /// Bytes a token takes.
    public static func bytesPerToken(_ shape: ModelShape, dtype: DType) -> Int {
        2 * shape.layers * shape.keyValueHeads * shape.headWidth * dtype.size
    }

    /// Takes room for `count` tokens.
    public func take(_ count: Int) throws(TensorError) -> Segment {
        let count = max(count, 1)
        if !gaps.contains(where: { $0.count >= count }) { try grow(by: count) }
        // The narrowest gap that will do keeps the wide ones whole.
        let fitting = gaps.indices.filter { gaps[$0].count >= count }
        let place = fitting.min { gaps[$0].count < gaps[$1].count } ?? gaps.count - 1
        let start = gaps[place].lowerBound
        if gaps[place].count == count {
            gaps.remove(at: place)
        } else {
            gaps[place] = start + count..<gaps[place].upperBound
        }
        return Segment(start: start, capacity: count)
    }

    /// Gives a segment back; what it held is gone.
    public func release(_ segment: Segment) {
        var gap = segment.start..<segment.start + segment.capacity
        let place = gaps.firstIndex { $0.lowerBound >= gap.upperBound } ?? gaps.count
        if place < gaps.count, gaps[place].lowerBound == gap.upperBound {
            gap = gap.lowerBound..<gaps.remove(at: place).upperBound
        }
        if place > 0, gaps[place - 1].upperBound == gap.lowerBound {
            gaps[place - 1] = gaps[place - 1].lowerBound..<gap.upperBound
        } else {
            gaps.insert(gap, at: place)
        }
    }

    private func grow(by count: Int) throws(TensorError) {
        let added = max(count, capacity / 2, 256)
        let size = [added, shape.keyValueHeads, shape.headWidth]
        for layer in 0..<shape.layers {
            let more = try Tensor.zeros(size, dtype: dtype, on: device)
            if capacity == 0 {
                keys.append(more)
                values.append(try .zeros(size, dtype: dtype, on: device))
            } else {
                keys[layer] = try .concatenate([keys[layer], more], dimension: 0)
                values[layer] = try .concatenate([values[layer], more], dimension: 0)
            }
        }
        release(Segment(start: capacity, capacity: added))
        capacity += added
    }

    /// The pool of a layer: `[capacity, keyValueHeads, width]` each.
    public func pool(_ layer: Int) -> (keys: Tensor, values: Tensor) { (keys[layer], values[layer]) }
}

/// What one pass adds to a cache: for each sequence its new tokens, where they go, and what stands before them.
public final class CacheTurn: AttentionMemory {
    /// A sequence's part of the pass.
    public struct Entry: Equatable, Sendable {
        /// What it shares with others and only reads, and how many tokens of it count.
        public var shared: KVCache.Segment?
        public var sharedLength: Int
        /// Its own tokens: read and added to.
        public var own: KVCache.Segment
        /// Tokens of its own that are there already.
        public var ownLength: Int
        /// New tokens in this pass.
        public var added: Int
        /// Tells whoever steers activations whose tokens these are.
        public var label: Int

        public init(
            shared: KVCache.Segment? = nil, sharedLength: Int = 0, own: KVCache.Segment, ownLength: Int,
            added: Int, label: Int = 0
        ) {
            self.shared = shared
            self.sharedLength = sharedLength
            self.own = own
            self.ownLength = ownLength
            self.added = added
            self.label = label
        }
    }

    public let cache: KVCache
    public let entries: [Entry]
    /// Where the tokens of each entry begin, and the end: from 0 to their total.
    public let borders: [Int]

    public init(_ cache: KVCache, _ entries: [Entry]) {
        for entry in entries {
            precondition(
                entry.added > 0 && entry.ownLength + entry.added <= entry.own.capacity
                    && entry.sharedLength <= entry.shared?.capacity ?? 0, "an entry must fit its segments")
        }
        self.cache = cache
        self.entries = entries
        borders = entries.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.added) }
    }

    /// Whose tokens stand where.
    public private(set) lazy var sequences = entries.indices.map {
        SteeredSequence(label: entries[$0].label, tokens: borders[$0]..<borders[$0 + 1])
    }

    /// The place of each new token in its sequence.
    public var positions: [Int64] {
        entries.flatMap { entry in
            (0..<entry.added).map { Int64(entry.sharedLength + entry.ownLength + $0) }
        }
    }

    /// Writes keys and values into the pool, and attends over it. Query `[1, total, heads, width]`.
    public func attend(
        layer: Int, query: Tensor, key: Tensor, value: Tensor, scale: Double, window: Int?, cap: Double?
    ) throws(TensorError) -> Tensor {
        let total = query.size(1)
        let pool = cache.pool(layer)
        let mixed = try Tensor.cachedAttention(
            query.reshape([total, query.size(2), query.size(3)]),
            key.reshape([total, key.size(2), key.size(3)]),
            value.reshape([total, value.size(2), value.size(3)]), poolKeys: pool.keys,
            poolValues: pool.values, layout: layout, scale: scale, window: window, cap: cap)
        return try mixed.reshape([1, total, -1])
    }

    private lazy var layout = CacheLayout(
        borders: borders,
        sharedStarts: entries.map { $0.shared?.start ?? 0 }, sharedLengths: entries.map(\.sharedLength),
        ownStarts: entries.map(\.own.start), ownLengths: entries.map(\.ownLength))
}
