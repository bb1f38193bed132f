public import TheriacModels
internal import TheriacTensors

/// What sessions of one model share: a pool of keys and values, and the passes in which they read together.
///
/// What a session reads is the same to the last bit whatever the others read beside it.
public final class SharedPass {
    /// What a session wants read: a prompt, or what a row has written since.
    struct Work {
        enum Key {
            case prompt(Int)
            case row(Int)
        }

        unowned let session: ModelSession
        var key: Key
        var variant: Int
        var entry: CacheTurn.Entry
        var tokens: [Int32]

        var reading: ModelSession.Variant { session.variants[variant] }
    }

    let loaded: LoadedModel
    let cache: KVCache
    let routing = AdapterRouting()
    /// How often the model was run.
    public private(set) var count = 0

    public init(_ loaded: LoadedModel) {
        self.loaded = loaded
        cache = KVCache(loaded.model.shape, dtype: loaded.model.computeType, on: loaded.model.device)
    }

    /// Finished hidden states of each piece's last token: `[pieces, width]`.
    func run(_ work: [Work]) throws -> Tensor {
        let budget = work.map(\.session.budget).min() ?? 0
        var parts: [Tensor] = []
        var start = 0
        while start < work.count {
            var end = start + 1
            var tokens = work[start].tokens.count
            while end < work.count, tokens + work[end].tokens.count <= budget {
                tokens += work[end].tokens.count
                end += 1
            }
            parts.append(try run(batch: work[start..<end]))
            start = end
        }
        return parts.count == 1 ? parts[0] : try .concatenate(parts, dimension: 0)
    }

    private func run(batch work: ArraySlice<Work>) throws -> Tensor {
        let turn = CacheTurn(cache, work.map(\.entry))
        // Pieces that are read in one way stand together, but a batch may hold prompts and rows of it.
        var runs: [(tokens: Range<Int>, first: Work)] = []
        for (piece, tokens) in zip(work, turn.sequences.map(\.tokens)) {
            if let last = runs.last?.first, last.session === piece.session, last.variant == piece.variant {
                runs[runs.count - 1].tokens = runs[runs.count - 1].tokens.lowerBound..<tokens.upperBound
            } else {
                runs.append((tokens, piece))
            }
        }
        let readings = runs.map { (tokens: $0.tokens, reading: $0.first.reading) }
        let usesAdapters = readings.contains { $0.reading.adapter != nil }
        routing.ranges = usesAdapters ? readings.map { ($0.tokens, $0.reading.adapter) } : []
        defer { routing.ranges = [] }
        count += 1
        let hidden = try loaded.model.read(
            work.flatMap(\.tokens), turn,
            steering: PartialSteering.over(readings.map { ($0.tokens, $0.reading.steering) }))
        for (piece, tokens) in zip(work, turn.sequences.map(\.tokens)) {
            try piece.session.measure(piece, hidden, tokens)
        }
        return try loaded.model.last(hidden, of: turn)
    }
}

/// Steers some of a pass's tokens, each range by its own.
private final class PartialSteering: ActivationSteering {
    typealias Part = (tokens: Range<Int>, steering: (any ActivationSteering)?)

    private let parts: [Part]

    private init(_ parts: [Part]) { self.parts = parts }

    /// nil where nothing is steered.
    static func over(_ parts: [Part]) -> (any ActivationSteering)? {
        if parts.allSatisfy({ $0.steering == nil }) { return nil }
        return parts.count == 1 ? parts[0].steering : PartialSteering(parts)
    }

    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        try steered(x, sequences) { try $0.heads($1, layer: layer, $2) }
    }

    func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        try steered(x, sequences) { try $0.residual($1, layer: layer, $2) }
    }

    private func steered(
        _ x: Tensor, _ sequences: [SteeredSequence],
        _ change: (any ActivationSteering, Tensor, [SteeredSequence]) throws -> Tensor
    ) throws -> Tensor {
        let changed = try parts.map { tokens, steering in
            let part = try x.slice(1, tokens)
            guard let steering else { return part }
            let own = sequences.filter { tokens.contains($0.tokens.lowerBound) }.map {
                SteeredSequence(
                    label: $0.label,
                    tokens: $0.tokens.lowerBound - tokens.lowerBound..<$0.tokens.upperBound
                        - tokens.lowerBound)
            }
            return try change(steering, part, own)
        }
        return try .concatenate(changed, dimension: 1)
    }
}
