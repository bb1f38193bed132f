internal import TheriacTensors
internal import TheriacTokenizers

/// The drafts of a generation: which are being written, which wait, which are done. Orders come and go at any time.
struct DraftDesk: ~Copyable {
    /// What drafts may take together.
    struct Allowance {
        var bytes: Int
        /// Of all caches, for a token of prompt or continuation.
        var bytesPerToken: Int
        /// For a row, whatever its length.
        var bytesPerRow: Int
    }

    /// A token that was drawn for a row.
    struct Drawn {
        var token: Int32
        /// 0 where nobody wants it.
        var logLikelihood = 0.0
        /// nil where the order does not keep it.
        var logProbability: TokenLogProbability?
    }

    /// A draft on the desk, or done.
    struct Sheet {
        let id: Int
        let order: Int
        let plan: RowPlan
        let sample: Int
        let candidate: Int
        var tokens: [Int32] = []
        var finish: Continuation.Finish?
        var rewinds = 0
        var replacement: (text: String, tokens: [Int32])?
        /// A method put its own text in place of what was drawn.
        var isForeign = false
        /// Of each token, where a reviewer wants them.
        var logLikelihoods: [Double] = []
        /// Of each token, and of the one that ended the text; empty unless the order keeps them.
        var logProbabilities: [TokenLogProbability] = []
        fileprivate var stream: RandomStream
        fileprivate(set) var seen = 0  // tokens at its last review
        fileprivate var reported = 0  // tokens that were told of
        /// Where stop texts are looked for.
        fileprivate var written: WrittenText?

        func draft(_ tokenizer: Tokenizer) -> Draft {
            var draft = Draft(
                id: id, promptID: plan.order.id, sample: sample, tokens: replacement?.tokens ?? tokens,
                text: replacement?.text ?? tokenizer.decode(tokens), finish: finish, rewinds: rewinds)
            draft.logLikelihood = logLikelihoods.reduce(0, +)
            return draft
        }
    }

    /// A continuation whose drafts are all done.
    struct Complete {
        let order: Int
        let sample: Int
        /// By candidate.
        let drafts: [Sheet]
        /// It is the last of its order.
        let isLast: Bool
    }

    private struct Entry {
        let plan: RowPlan
        var begun = 0  // drafts
        var done: [Int: [Sheet]] = [:]  // by sample
        var open: Int  // samples
    }

    private(set) var state = GenerationState()
    /// The next number in 0..<1 of each row's stream.
    private(set) var uniforms: [Double] = []
    private(set) var sheets: [Sheet] = []  // one for each row of the state
    /// Orders whose first draft began in the last call of ``admit()``.
    private(set) var begun: [Int] = []
    private var entries: [Int: Entry] = [:]
    private var queue: [Int] = []  // orders with drafts to begin, from `head` on
    private var head = 0
    private var nextOrder = 0
    private var nextRow = 0
    private var rowTokens = 0  // limits of all rows
    private let batchRows: Int
    private let candidates: Int
    private let context: Int
    private let endOfText: Set<Int32>
    private let allowance: Allowance

    init(batchRows: Int, candidates: Int, context: Int, endOfText: Set<Int32>, allowance: Allowance) {
        self.batchRows = batchRows
        self.candidates = candidates
        self.context = context
        self.endOfText = endOfText
        self.allowance = allowance
    }

    /// Puts an order behind those that wait.
    ///
    /// - Returns: its number, unlike any other's.
    mutating func add(_ order: GenerationOrder) -> Int {
        defer { nextOrder += 1 }
        entries[nextOrder] = Entry(
            plan: RowPlan(order, endOfText: endOfText, context: context), open: max(order.samples, 1))
        queue.append(nextOrder)
        return nextOrder
    }

    /// Takes an order off the desk, whatever has become of it.
    ///
    /// - Returns: the ids of its drafts that were being written.
    mutating func cancel(_ order: Int) -> [Int] {
        guard entries.removeValue(forKey: order) != nil else { return [] }
        let gone = sheets.filter { $0.order == order }
        keepRows(sheets.indices.filter { sheets[$0].order != order })
        state.prompts[order] = nil
        return gone.map(\.id)
    }

    var orders: [Int] { entries.keys.sorted() }

    /// Bytes of the allowance that are taken.
    var taken: Int {
        let tokens = rowTokens + state.prompts.values.reduce(0) { $0 + $1.tokens.count }
        return tokens * allowance.bytesPerToken + sheets.count * allowance.bytesPerRow
    }

    /// How much of the allowance is taken, from 0 to 1.
    var share: Double { min(1, Double(taken) / Double(max(allowance.bytes, 1))) }

    /// Nothing is written although orders wait: there was no room for any.
    private(set) var isStarved = false

    /// Begins as many drafts as there is room for, and draws a number for each row.
    ///
    /// - Parameters:
    ///   - others: bytes of the allowance that others have taken.
    ///   - mayBegin: false where others come first.
    /// - Returns: false when there is nothing to write.
    mutating func admit(besides others: Int = 0, mayBegin: Bool = true) -> Bool {
        begun = []
        while mayBegin, let order = waiting(), let entry = entries[order], hasRoom(order, entry, others) {
            begin(order, entry.plan)
        }
        isStarved = sheets.isEmpty && waiting() != nil
        uniforms = sheets.indices.map { sheets[$0].stream.uniform() }
        return !sheets.isEmpty
    }

    /// The order that has a draft to begin next.
    private mutating func waiting() -> Int? {
        while head < queue.count {
            let order = queue[head]
            if let entry = entries[order], entry.begun < max(entry.plan.order.samples, 1) * candidates {
                return order
            }
            head += 1
        }
        queue = []
        head = 0
        return nil
    }

    private func hasRoom(_ order: Int, _ entry: Entry, _ others: Int) -> Bool {
        if sheets.isEmpty, others == 0 { return true }
        guard sheets.count < batchRows else { return false }
        var tokens = rowTokens + entry.plan.limit
        tokens += state.prompts.values.reduce(0) { $0 + $1.tokens.count }
        if state.prompts[order] == nil { tokens += entry.plan.order.tokens.count }
        return tokens * allowance.bytesPerToken + (sheets.count + 1) * allowance.bytesPerRow + others
            <= allowance.bytes
    }

    private mutating func begin(_ number: Int, _ plan: RowPlan) {
        let draft = entries[number]?.begun ?? 0
        let order = plan.order
        if draft == 0 {
            state.prompts[number] = GenerationState.Prompt(
                id: order.id, tokens: order.tokens, newTokens: plan.limit,
                alternatives: order.measuresPrompt ? order.alternatives ?? 0 : nil)
            begun.append(number)
        }
        state.rows.append(.init(id: nextRow, prompt: number))
        sheets.append(
            Sheet(
                id: nextRow, order: number, plan: plan, sample: draft / candidates,
                candidate: draft % candidates,
                stream: RandomStream(seed: order.seed, prompt: order.id, continuation: draft)))
        rowTokens += plan.limit
        nextRow += 1
        entries[number]?.begun += 1
    }

    /// Adds a token to each row; a row that ends keeps its place until ``removeFinished()``.
    mutating func append(_ drawn: [Drawn], wantsLikelihood: Bool, _ tokenizer: Tokenizer) {
        for (row, drawn) in drawn.enumerated() {
            let plan = sheets[row].plan
            if wantsLikelihood { sheets[row].logLikelihoods.append(drawn.logLikelihood) }
            if let value = drawn.logProbability { sheets[row].logProbabilities.append(value) }
            if plan.ends.contains(drawn.token) {
                sheets[row].finish = .eos
                continue
            }
            sheets[row].tokens.append(drawn.token)
            state.rows[row].written.append(drawn.token)
            let count = sheets[row].tokens.count
            if stop(row, plan.order.stops, tokenizer) { continue }
            if count >= plan.limit {
                sheets[row].finish = .length
            } else if plan.order.tokens.count + count >= context {
                sheets[row].finish = .context
            }
        }
    }

    /// Ends a row in which one of the texts has come to stand.
    private mutating func stop(_ row: Int, _ stops: [String], _ tokenizer: Tokenizer) -> Bool {
        guard !stops.isEmpty else { return false }
        let tokens = sheets[row].tokens
        var written = sheets[row].written.take() ?? WrittenText(tokenizer, stops: stops)
        let found = written.append(tokens[written.count...])
        sheets[row].written = written
        guard let (text, end) = found else { return false }
        // Tokens that stand before it as a whole.
        var kept = tokens.count
        while kept > 0, tokenizer.decode(Array(tokens[..<kept])).utf8.count > end { kept -= 1 }
        sheets[row].replacement = (
            String(decoding: text[..<end], as: UTF8.self), Array(tokens[..<kept])
        )
        sheets[row].finish = .stopText
        return true
    }

    /// What may be told of rows that go on, since the last time.
    ///
    /// - Parameter settlesAtReviews: only what a reviewer has seen will not be taken back.
    mutating func progress(settlesAtReviews: Bool) -> [DecodeLoop.Progress] {
        var result: [DecodeLoop.Progress] = []
        for row in sheets.indices where sheets[row].finish == nil && sheets[row].plan.order.reportsProgress {
            let sheet = sheets[row]
            let settled = settlesAtReviews ? sheet.seen : sheet.tokens.count
            guard settled > sheet.reported else { continue }
            let new = sheet.reported..<settled
            result.append(
                DecodeLoop.Progress(
                    order: sheet.order, sample: sheet.sample, tokens: Array(sheet.tokens[new]),
                    logProbabilities: sheet.logProbabilities.isEmpty ? [] : Array(sheet.logProbabilities[new])
                ))
            sheets[row].reported = settled
        }
        return result
    }

    /// Rows to be reviewed: those that are done, and those that have written `interval` tokens since.
    func due(every interval: Int?) -> [Int] {
        sheets.indices.filter { row in
            sheets[row].finish != nil
                || interval.map { sheets[row].tokens.count - sheets[row].seen >= $0 } ?? false
        }
    }

    func draft(_ row: Int, _ tokenizer: Tokenizer) -> Draft { sheets[row].draft(tokenizer) }

    mutating func apply(_ review: Review, to row: Int) {
        switch review {
        case .keep: break
        case .rewind(let tokens):
            cut(row, to: tokens)
            sheets[row].finish = nil
            sheets[row].rewinds += 1
        case .end(let tokens):
            cut(row, to: tokens)
            sheets[row].finish = .stopped
        case .replace(let text, let tokens):
            sheets[row].replacement = (text, tokens)
            sheets[row].isForeign = true
            sheets[row].finish = .stopped
        }
        sheets[row].seen = sheets[row].tokens.count
    }

    private mutating func cut(_ row: Int, to tokens: Int) {
        let kept = min(max(tokens, 0), sheets[row].tokens.count)
        sheets[row].tokens.removeSubrange(kept...)
        sheets[row].replacement = nil
        sheets[row].written = nil
        sheets[row].reported = min(sheets[row].reported, kept)
        sheets[row].logLikelihoods = Array(sheets[row].logLikelihoods.prefix(kept))
        sheets[row].logProbabilities = Array(sheets[row].logProbabilities.prefix(kept))
        state.rows[row].written.removeSubrange(kept...)
    }

    /// Takes finished drafts off the desk.
    ///
    /// - Returns: the continuations that have all theirs now, by order and sample.
    mutating func removeFinished() -> [Complete] {
        guard sheets.contains(where: { $0.finish != nil }) else { return [] }
        var complete: [Complete] = []
        for sheet in sheets where sheet.finish != nil {
            entries[sheet.order]?.done[sheet.sample, default: []].append(sheet)
            guard let drafts = entries[sheet.order]?.done[sheet.sample], drafts.count == candidates else {
                continue
            }
            entries[sheet.order]?.done[sheet.sample] = nil
            entries[sheet.order]?.open -= 1
            let isLast = entries[sheet.order]?.open == 0
            complete.append(
                Complete(
                    order: sheet.order, sample: sheet.sample,
                    drafts: drafts.sorted { $0.candidate < $1.candidate }, isLast: isLast))
            if isLast {
                entries[sheet.order] = nil
                state.prompts[sheet.order] = nil
            }
        }
        keepRows(sheets.indices.filter { sheets[$0].finish == nil })
        return complete
    }

    private mutating func keepRows(_ kept: [Int]) {
        guard kept.count < sheets.count else { return }
        state.rows = kept.map { state.rows[$0] }
        sheets = kept.map { sheets[$0] }
        rowTokens = sheets.reduce(0) { $0 + $1.plan.limit }
    }
}
