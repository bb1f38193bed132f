public import Foundation
public import TheriacModels
public import TheriacTensors

/// A model that reads along with the rows of a generation, over a cache of its own.
///
/// It may read every row in several ways at once (``Variant``): behind a prefix, with an adapter, with steered
/// activations. All ways go through the model as one batch and share its weights. Rows and prompts that the state no
/// longer has make room; tokens that were taken back are forgotten.
public final class ModelSession {
    /// A way to read a row.
    public struct Variant {
        /// Tokens before the prompt.
        public var prefix: [Int32]
        /// An adapter of ``addAdapter(_:)``.
        public var adapter: Int?
        public var steering: (any ActivationSteering)?

        public init(
            prefix: [Int32] = [], adapter: Int? = nil, steering: (any ActivationSteering)? = nil
        ) {
            self.prefix = prefix
            self.adapter = adapter
            self.steering = steering
        }
    }

    public let loaded: LoadedModel
    public private(set) var variants: [Variant]
    /// Tokens a row may write.
    public let newTokens: Int
    /// Tokens computed together, at most, but for a single longer prompt.
    public var budget = 2048
    /// Also keep how likely each prompt is (``promptLogLikelihood(_:of:)``).
    public var measuresPrompts = false
    private let pass: SharedPass
    private var cache: KVCache { pass.cache }
    private var adapters: [Int] = []
    private var prompts: [Int: [PromptPart]] = [:]  // by prompt, then variant
    private var rows: [Int: [RowPart]] = [:]  // by row, then variant
    private var turn = Turn()

    private struct PromptPart {
        var segment: KVCache.Segment
        var tokens: [Int32]
        /// Likeliest tokens to keep beside each of the prompt's own; nil keeps nothing.
        var alternatives: Int?
        var logProbabilities: [TokenLogProbability?] = []
        var hidden: Tensor?  // [1, width], after the last token
        var logits: Tensor?  // float32 [1, vocabulary]
        var logLikelihood = 0.0
        var length: Int { tokens.count }
    }

    private struct RowPart {
        var segment: KVCache.Segment
        var length = 0
        /// It was read as a sequence beyond the model's short ones, and its segment holds the prompt too.
        var isLong = false
    }

    /// What the last call of ``read(_:)`` computed.
    private struct Turn {
        var hidden: Tensor?  // [variants · stepping rows, width]
        var logits: Tensor?  // float32 [variants · stepping rows, vocabulary]
        /// The rows that read a token, by their place among ``hidden``'s of a variant; the others stand after a prompt.
        var places: [Int: Int] = [:]  // row id → place
        var rows: [GenerationState.Row] = []
    }

    /// - Parameters:
    ///   - newTokens: the most tokens a row will write.
    ///   - pass: of this model, where other sessions shall read in the same batch.
    public init(
        _ loaded: LoadedModel, newTokens: Int, variants: [Variant] = [Variant()],
        sharing pass: SharedPass? = nil
    ) {
        precondition(pass == nil || pass?.loaded.model === loaded.model, "a pass is of one model")
        self.loaded = loaded
        self.newTokens = newTokens
        self.variants = variants
        self.pass = pass ?? SharedPass(loaded)
    }

    /// A further way to read every row.
    ///
    /// - Returns: its number, for ``logits(_:)``.
    public func add(_ variant: Variant) -> Int {
        precondition(prompts.isEmpty, "variants are added before anything is read")
        variants.append(variant)
        return variants.count - 1
    }

    /// Steers how the rows themselves are read.
    public func steer(_ steering: any ActivationSteering) throws {
        guard variants[0].steering == nil else {
            throw GenerationError.conflict(
                "two methods change the model's activations; give one of them, or the second without steering"
            )
        }
        variants[0].steering = steering
    }

    /// Reads a saved adapter, for variants.
    public func addAdapter(_ folder: URL) throws -> Int {
        let number = try pass.routing.add(folder, to: loaded.model)
        adapters.append(number)
        return number
    }

    /// Bytes the cache takes for each token of a row.
    public var bytesPerToken: Int {
        variants.count * KVCache.bytesPerToken(loaded.model.shape, dtype: loaded.model.computeType)
    }

    /// Reads what the rows have that it has not read.
    public func read(_ state: GenerationState) throws { try Self.read([(self, state)]) }

    /// The same for several sessions that share a pass, as one batch.
    ///
    /// - Throws: what none of them can go on after.
    public static func read(_ readings: [(session: ModelSession, state: GenerationState)]) throws {
        guard let pass = readings.first?.session.pass else { return }
        precondition(
            readings.allSatisfy { $0.session.pass === pass }, "sessions that read together share a pass")
        for (session, state) in readings { session.forget(state) }
        var work: [SharedPass.Work] = []
        let parts = try readings.map { session, state in
            let start = work.count
            work += try session.plan(state)
            return start..<work.count
        }
        guard !work.isEmpty else { return }
        let hidden = try pass.run(work)
        let logits = try pass.loaded.model.logits(hidden)
        for (reading, part) in zip(readings, parts) where !part.isEmpty {
            try reading.session.take(
                part == work.indices ? hidden : hidden.slice(0, part),
                part == work.indices ? logits : logits.slice(0, part), work[part])
        }
    }

    /// What is to be read: prompts first.
    private func plan(_ state: GenerationState) throws -> [SharedPass.Work] {
        var work: [SharedPass.Work] = []
        for (variant, reading) in variants.enumerated() {
            for number in state.prompts.keys.sorted() where prompts[number]?[safe: variant]?.logits == nil {
                work.append(try promptWork(number, variant, reading, state))
            }
        }
        var stepping: [Int: Int] = [:]
        for row in state.rows where !row.written.isEmpty { stepping[row.id] = stepping.count }
        for variant in variants.indices {
            for row in state.rows where !row.written.isEmpty {
                work.append(try rowWork(row, variant, state))
            }
        }
        turn = Turn(places: stepping, rows: state.rows)
        return work
    }

    /// - Parameters: `[pieces, …]` of its own work.
    private func take(_ hidden: Tensor, _ logits: Tensor, _ work: ArraySlice<SharedPass.Work>) throws {
        var promptCount = 0
        for (place, piece) in work.enumerated() {
            guard case .prompt(let number) = piece.key else { break }
            prompts[number]?[piece.variant].hidden = try hidden.slice(0, place..<place + 1).clone()
            prompts[number]?[piece.variant].logits = try logits.slice(0, place..<place + 1).clone()
            promptCount += 1
        }
        guard promptCount < work.count else { return }
        turn.hidden = promptCount == 0 ? hidden : try hidden.slice(0, promptCount..<work.count)
        turn.logits = promptCount == 0 ? logits : try logits.slice(0, promptCount..<work.count)
    }

    /// Logits of the token after each row, float32 `[rows, vocabulary]`, read in the way `variant`.
    public func logits(_ variant: Int = 0) throws -> Tensor {
        try gathered(variant, turn.logits) { $0.logits }
    }

    /// Finished hidden states of the last token of each row, `[rows, width]`.
    public func hidden(_ variant: Int = 0) throws -> Tensor {
        try gathered(variant, turn.hidden) { $0.hidden }
    }

    /// The natural logarithm of a prompt's probability behind the variant's prefix, which is not counted itself.
    public func promptLogLikelihood(_ variant: Int, of prompt: Int) -> Double {
        precondition(measuresPrompts, "set measuresPrompts before anything is read")
        return prompts[prompt]?[safe: variant]?.logLikelihood ?? 0
    }

    /// How likely each token of a prompt is, nil for a first one; empty unless ``GenerationState/Prompt/alternatives`` asks
    /// for it.
    public func promptLogProbabilities(of prompt: Int) -> [TokenLogProbability?] {
        prompts[prompt]?.first?.logProbabilities ?? []
    }

    deinit {
        pass.routing.remove(adapters)
        for part in prompts.values.joined() { cache.release(part.segment) }
        for part in rows.values.joined() { cache.release(part.segment) }
    }

    /// The label that ``SteeredSequence`` carries for a row's own tokens.
    public static func label(row: Int) -> Int { row }
    /// The label for a prompt's tokens; what stands there holds for all rows that have not written yet.
    public static func label(prompt: Int) -> Int { -1 - prompt }

    /// What a row stands after: its own tokens, or its prompt.
    public static func label(of row: GenerationState.Row) -> Int {
        row.written.isEmpty ? label(prompt: row.prompt) : label(row: row.id)
    }
}

// MARK: - One turn

extension ModelSession {
    private func promptWork(
        _ number: Int, _ variant: Int, _ reading: Variant, _ state: GenerationState
    ) throws -> SharedPass.Work {
        var tokens = reading.prefix + (state.prompts[number]?.tokens ?? [])
        // A prefix may push a long prompt over the edge; the prompt's oldest tokens go first.
        let room = loaded.model.shape.context - min(limit(number, state), loaded.model.shape.context - 1)
        if !reading.prefix.isEmpty, tokens.count > room {
            tokens.removeSubrange(
                min(reading.prefix.count, room)..<min(reading.prefix.count, room) + tokens.count - room)
        }
        let segment = try cache.take(tokens.count)
        var part = PromptPart(segment: segment, tokens: tokens)
        if variant == 0 { part.alternatives = state.prompts[number]?.alternatives }
        prompts[number, default: []].append(part)
        let entry = CacheTurn.Entry(
            own: segment, ownLength: 0, added: tokens.count, label: Self.label(prompt: number))
        return SharedPass.Work(
            session: self, key: .prompt(number), variant: variant, entry: entry, tokens: tokens)
    }

    /// Tokens that rows of a prompt may write.
    private func limit(_ prompt: Int, _ state: GenerationState) -> Int {
        min(state.prompts[prompt]?.newTokens ?? newTokens, loaded.model.shape.context)
    }

    private func rowWork(
        _ row: GenerationState.Row, _ variant: Int, _ state: GenerationState
    ) throws -> SharedPass.Work {
        let newTokens = limit(row.prompt, state)
        if rows[row.id] == nil {
            rows[row.id] = try variants.map { _ in RowPart(segment: try cache.take(newTokens)) }
        }
        guard var part = rows[row.id]?[variant], let prompt = prompts[row.prompt]?[safe: variant] else {
            preconditionFailure("a row's prompt is read before the row")
        }
        part.length = min(part.length, row.written.count - 1)  // tokens may have been taken back
        let limit = loaded.model.longestShort ?? .max
        let isLong = prompt.length <= limit && prompt.length + row.written.count > limit
        // Long sequences are turned otherwise than short ones, and so is all that a cache holds of them.
        if isLong != part.isLong || isLong && prompt.length + part.length <= limit {
            cache.release(part.segment)
            part = RowPart(
                segment: try cache.take(newTokens + (isLong ? prompt.length : 0)), isLong: isLong)
        }
        var tokens = Array(row.written[part.length...])
        var entry = CacheTurn.Entry(
            shared: prompt.segment, sharedLength: prompt.length, own: part.segment, ownLength: part.length,
            added: tokens.count, label: Self.label(row: row.id))
        if isLong {
            (entry.shared, entry.sharedLength) = (nil, 0)
            if part.length == 0 {
                tokens = prompt.tokens + tokens
                entry.added = tokens.count
            } else {
                entry.ownLength += prompt.length
            }
        }
        part.length = row.written.count
        rows[row.id]?[variant] = part
        return SharedPass.Work(
            session: self, key: .row(row.id), variant: variant, entry: entry, tokens: tokens)
    }

    /// Keeps of a prompt that was read what is wanted of it: how likely it is, or each of its tokens.
    ///
    /// - Parameter hidden: of the whole pass, in which the piece has `tokens`.
    func measure(_ piece: SharedPass.Work, _ hidden: Tensor, _ tokens: Range<Int>) throws {
        guard case .prompt(let number) = piece.key else { return }
        if measuresPrompts { try measure(number, piece, hidden, tokens) }
        if piece.variant == 0, let alternatives = prompts[number]?.first?.alternatives {
            prompts[number]?[0].logProbabilities = try logProbabilities(
                piece, hidden, tokens, alternatives: alternatives)
        }
    }

    private func measure(
        _ number: Int, _ piece: SharedPass.Work, _ hidden: Tensor, _ tokens: Range<Int>
    ) throws {
        // The first token of all has nothing before it.
        let first = max(variants[piece.variant].prefix.count, 1)
        guard first < piece.tokens.count else { return }
        let before = tokens.lowerBound + first - 1..<tokens.upperBound - 1
        let losses = try loaded.model.logits(hidden.slice(0, before)).crossEntropy(
            Tensor(piece.tokens[first...].map(Int64.init), shape: [before.count], on: hidden.device),
            mean: false)
        prompts[number]?[piece.variant].logLikelihood = -Double(try losses.sum().item())
    }

    private func logProbabilities(
        _ piece: SharedPass.Work, _ hidden: Tensor, _ tokens: Range<Int>, alternatives: Int
    ) throws -> [TokenLogProbability?] {
        let prefix = variants[0].prefix.count
        // Of the first token of all nothing can be said.
        var found: [TokenLogProbability?] = prefix == 0 ? [nil] : []
        let step = max(1, Self.logitsAtOnce / loaded.model.shape.vocabulary)
        for start in stride(from: max(prefix, 1), to: piece.tokens.count, by: step) {
            let end = min(start + step, piece.tokens.count)
            let before = tokens.lowerBound + start - 1..<tokens.lowerBound + end - 1
            let logits = try loaded.model.logits(hidden.slice(0, before)).to(.float32, on: .cpu).contiguous()
            let width = logits.size(1)
            let threads = try Torch.threads()
            found += try logits.withFloats { values in
                concurrentRows(end - start, threads: threads) { rows in
                    rows.map { row in
                        TokenLogProbability(
                            of: piece.tokens[start + row],
                            in: UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]),
                            alternatives: alternatives)
                    }
                }
            }
        }
        return found
    }

    /// Logits held at once, as numbers, where every token of a prompt is looked at.
    private static var logitsAtOnce: Int { 1 << 24 }

    private func forget(_ state: GenerationState) {
        let live = Set(state.rows.map(\.id))
        for (id, parts) in rows where !live.contains(id) {
            parts.forEach { cache.release($0.segment) }
            rows[id] = nil
        }
        for (number, parts) in prompts where state.prompts[number] == nil {
            parts.forEach { cache.release($0.segment) }
            prompts[number] = nil
        }
    }

    private func gathered(
        _ variant: Int, _ stepped: Tensor?, _ ofPrompt: (PromptPart) -> Tensor?
    ) throws -> Tensor {
        let count = turn.places.count
        var parts: [Tensor] = []
        if let stepped {
            let own = try stepped.slice(0, variant * count..<(variant + 1) * count)
            if count == turn.rows.count { return own }
            parts.append(own)
        }
        var ends: [Int: Int] = [:]  // prompt → place
        let places = turn.rows.map { row -> Int64 in
            if let place = turn.places[row.id] { return Int64(place) }
            if let place = ends[row.prompt] { return Int64(place) }
            guard let end = prompts[row.prompt]?[safe: variant].flatMap(ofPrompt) else {
                preconditionFailure("a row's prompt is read before the row")
            }
            let place = count + ends.count
            ends[row.prompt] = place
            parts.append(end)
            return Int64(place)
        }
        let all = parts.count == 1 ? parts[0] : try Tensor.concatenate(parts, dimension: 0)
        return try all.select(0, Tensor(places, shape: [places.count], on: all.device))
    }
}

// MARK: - What it has read

extension ModelSession {
    /// Where the pool holds what `row` has read in the way `variant`: one place a token, in order.
    public func places(of row: GenerationState.Row, variant: Int = 0) -> [Int] {
        guard let prompt = prompts[row.prompt]?[safe: variant] else {
            preconditionFailure("a row's prompt is read before the row")
        }
        let read = Array(prompt.segment.start..<prompt.segment.start + prompt.length)
        guard !row.written.isEmpty, let own = rows[row.id]?[safe: variant] else { return read }
        let start = own.segment.start
        return own.isLong
            ? Array(start..<start + prompt.length + own.length) : read + (start..<start + own.length)
    }

    /// Keys and values of a layer, `[capacity, keyValueHeads, width]` each, at the places of ``places(of:variant:)``.
    public func pool(_ layer: Int) -> (keys: Tensor, values: Tensor) { cache.pool(layer) }
}

extension Array {
    subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
