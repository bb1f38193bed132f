import Testing
import TheriacModels
import TheriacTensors

/// Reads sequences over a cache piece by piece, as a decode loop does.
final class CachedReading {
    private let model: any CausalLanguageModel
    private let cache: KVCache
    private var rows: [Row] = []

    private struct Row {
        var tokens: [Int32]
        var shared: KVCache.Segment?
        var sharedLength = 0
        var own: KVCache.Segment
        var ownLength = 0
    }

    init(_ model: any CausalLanguageModel) {
        self.model = model
        cache = KVCache(model.shape, dtype: model.computeType)
    }

    /// Reads `prompts` in one turn and makes `copies` rows of each, which share what was read.
    ///
    /// - Returns: logits after the prompts, `[vocabulary]` each.
    func begin(_ prompts: [[Int32]], copies: Int = 1, room: Int) throws -> [[Float]] {
        let segments = try prompts.map { try cache.take($0.count) }
        let logits = try logits(
            prompts.flatMap { $0 },
            zip(prompts, segments).map { .init(own: $1, ownLength: 0, added: $0.count) })
        for (prompt, segment) in zip(prompts, segments) {
            for _ in 0..<copies {
                rows.append(
                    Row(
                        tokens: prompt, shared: segment, sharedLength: prompt.count, own: try cache.take(room)
                    ))
            }
        }
        return logits
    }

    /// Adds to each row the tokens of its place; rows with none are left out.
    ///
    /// - Returns: logits after each row that got some.
    func add(_ more: [[Int32]]) throws -> [[Float]] {
        var entries: [CacheTurn.Entry] = []
        var tokens: [Int32] = []
        for (index, added) in more.enumerated() where !added.isEmpty {
            let before = rows[index].tokens.count
            rows[index].tokens += added
            var new = added
            if let limit = model.longestShort, before <= limit, rows[index].tokens.count > limit {
                cache.release(rows[index].own)
                new = rows[index].tokens
                rows[index].shared = nil
                rows[index].sharedLength = 0
                rows[index].ownLength = 0
                rows[index].own = try cache.take(rows[index].own.capacity + before)
            }
            let row = rows[index]
            entries.append(
                .init(
                    shared: row.shared, sharedLength: row.sharedLength, own: row.own,
                    ownLength: row.ownLength, added: new.count))
            rows[index].ownLength += new.count
            tokens += new
        }
        return try logits(tokens, entries)
    }

    private func logits(_ tokens: [Int32], _ entries: [CacheTurn.Entry]) throws -> [[Float]] {
        try Torch.withoutGradients {
            let turn = CacheTurn(cache, entries)
            let flat = try model.logits(model.last(model.read(tokens, turn), of: turn)).floats()
            let width = model.shape.vocabulary
            return (0..<entries.count).map { Array(flat[$0 * width..<($0 + 1) * width]) }
        }
    }

    /// The most likely tokens one after the other, after each of `prompts`, two rows of each beside each other.
    static func greedy(
        _ model: any CausalLanguageModel, after prompts: [[Int32]], count: Int
    ) throws -> [[Int32]] {
        let reading = CachedReading(model)
        func best(_ logits: [Float]) -> Int32 {
            Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0)
        }
        var found = try reading.begin(prompts, copies: 2, room: count).flatMap { logits in
            [[best(logits)], [best(logits)]]
        }
        for _ in 1..<count {
            let logits = try reading.add(found.map { [$0[$0.count - 1]] })
            for (index, row) in logits.enumerated() { found[index].append(best(row)) }
        }
        for pair in 0..<prompts.count { #expect(found[2 * pair] == found[2 * pair + 1]) }
        return stride(from: 0, to: found.count, by: 2).map { found[$0] }
    }
}
