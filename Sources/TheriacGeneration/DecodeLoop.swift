internal import Foundation
public import TheriacModels
internal import TheriacTensors
internal import TheriacTokenizers

/// The one decode loop: orders in, continuations out, any chain of methods in between. One call of ``turn()`` writes a
/// token in every row.
///
/// Orders may be added and cancelled between turns. A continuation that ends makes room for the next at once, so the
/// batch stays full while anything waits. What is written for an order never depends on the others.
public final class DecodeLoop {
    /// A continuation that is done.
    public struct Finished: Sendable {
        public let order: Int
        public let continuation: Continuation
        /// Of its tokens and of the one that ended it; nil unless the order keeps them, or where a method put its own text
        /// in their place.
        public let logProbabilities: [TokenLogProbability]?
        /// Tokens drawn for it that it was made of: those of a stop text and the end of text count.
        public let drawn: Int
        /// It was the order's last.
        public let isLast: Bool
    }

    /// What has been written of a continuation since the last turn that said so, and will not be taken back.
    public struct Progress: Sendable {
        public let order: Int
        public let sample: Int
        public let tokens: [Int32]
        public let logProbabilities: [TokenLogProbability]
    }

    public struct Turn: Sendable {
        /// Rows that wrote a token.
        public var rows = 0
        /// Orders whose first row began.
        public var begun: [Int] = []
        /// Log-probabilities of the prompts of orders that want them, nil for a first token.
        public var prompts: [(order: Int, values: [TokenLogProbability?])] = []
        public var progress: [Progress] = []
        public var finished: [Finished] = []
        /// Orders that cannot go on. They are off the loop.
        public var failed: [(order: Int, error: GenerationError)] = []
    }

    private let loaded: LoadedModel
    private let session: ModelSession
    private let newTokens: Int
    private let memory: Double
    private let allowance: DraftDesk.Allowance
    private var processors: [any LogitsProcessor] = []
    private var reviewer: (any ContinuationReviewer)?
    private var editors: [any ContextEditor] = []
    private var desk: DraftDesk

    /// - Parameters:
    ///   - newTokens: the most that an order may ask for.
    ///   - batchRows: rows computed together.
    ///   - memory: gigabytes (2³⁰ bytes) that caches and logits may take.
    ///   - parts: the methods, in the order in which they apply.
    ///   - pass: of the model, where other loops shall read in the same batch: ``turns(_:besides:mayBegin:)``.
    /// - Throws: ``GenerationError/conflict(_:)`` for parts that do not go together.
    public init(
        _ loaded: LoadedModel, newTokens: Int, batchRows: Int, memory: Double, parts: [DecodingPart] = [],
        sharing pass: SharedPass? = nil
    ) throws {
        self.loaded = loaded
        self.newTokens = newTokens
        self.memory = memory
        let context = loaded.model.shape.context
        let session = ModelSession(loaded, newTokens: min(newTokens, context), sharing: pass)
        var processors: [any LogitsProcessor] = []
        var reviewer: (any ContinuationReviewer)?
        var editors: [any ContextEditor] = []
        for part in parts {
            switch part {
            case .processor(let processor): processors.append(processor)
            case .editor(let editor): editors.append(editor)
            case .reviewer(let new):
                guard reviewer == nil else {
                    throw GenerationError.conflict("two of them choose among drafts; keep one")
                }
                reviewer = new
            }
        }
        for index in processors.indices { try processors[index].attach(to: session) }
        let vocabulary = loaded.model.shape.vocabulary
        let allowance = DraftDesk.Allowance(
            bytes: Int(memory * 1_073_741_824),
            bytesPerToken: processors.reduce(session.bytesPerToken) { $0 + $1.bytesPerToken },
            // Logits of each reading, what methods make of them, and libtorch's own copies.
            bytesPerRow: 4 * vocabulary * (2 * session.variants.count + 2 + 2 * processors.count))
        self.allowance = allowance
        desk = DraftDesk(
            batchRows: batchRows, candidates: reviewer?.candidates ?? 1, context: context,
            endOfText: loaded.endOfText, allowance: allowance)
        (self.session, self.processors, self.reviewer, self.editors) = (
            session, processors, reviewer, editors
        )
    }

    /// Drafts made for each continuation.
    public var candidates: Int { reviewer?.candidates ?? 1 }

    /// Whether prompts are changed before the model reads them.
    public var editsPrompts: Bool { !editors.isEmpty }

    /// Checks that one continuation fits the memory.
    ///
    /// - Throws: ``GenerationError/memory(needed:given:)``.
    public func checkMemory(prompt: Int = 1, newTokens: Int) throws(GenerationError) {
        let least = allowance.bytesPerRow + allowance.bytesPerToken * (newTokens + prompt)
        guard least <= allowance.bytes else {
            throw GenerationError.memory(needed: Double(least) / 1_073_741_824, given: memory)
        }
    }

    /// Prompts as the methods change them before the model reads.
    public func edited(_ prompts: [String]) throws -> [String] {
        var prompts = prompts
        for index in editors.indices { prompts = try editors[index].edit(prompts) }
        return prompts
    }

    /// Puts an order behind those that wait.
    ///
    /// - Returns: its number, unlike any other's of this loop.
    public func add(_ order: GenerationOrder) -> Int { desk.add(order) }

    /// Takes an order off the loop, whatever has become of it.
    public func cancel(_ order: Int) {
        let gone = desk.cancel(order)
        if !gone.isEmpty { reviewer?.forget(gone) }
    }

    /// How much of its memory is taken, from 0 to 1.
    public var memoryShare: Double { desk.share }

    /// The same in bytes.
    public var memoryTaken: Int { desk.taken }

    /// Orders wait, and the last turn found no room for any.
    public var isStarved: Bool { desk.isStarved }

    public func cancelAll() { for order in desk.orders { cancel(order) } }

    /// Writes a token in every row.
    ///
    /// - Returns: nil when there is nothing to write.
    /// - Throws: what no order could survive.
    public func turn() throws -> Turn? { try Self.turns([self])[0].get() }

    /// Writes a token in every row of several loops that share a pass: the model reads for all of them as one batch.
    ///
    /// - Parameters:
    ///   - besides: bytes of a loop's memory that other loops have taken, where several share it.
    ///   - mayBegin: false: nothing of the loop that waits begins in this turn.
    /// - Returns: for each loop what was written, nil when there was nothing to write, or what none of its orders can
    ///   survive.
    public static func turns(
        _ loops: [DecodeLoop], besides: (DecodeLoop) -> Int = { _ in 0 },
        mayBegin: (DecodeLoop) -> Bool = { _ in true }
    ) -> [Result<Turn?, any Error>] {
        do {
            return try Torch.withoutGradients { written(by: loops, besides, mayBegin) }
        } catch {
            return loops.map { _ in .failure(error) }
        }
    }

    private static func written(
        by loops: [DecodeLoop], _ besides: (DecodeLoop) -> Int, _ mayBegin: (DecodeLoop) -> Bool
    ) -> [Result<Turn?, any Error>] {
        var results = loops.map { loop in
            Result<Turn?, any Error> {
                try loop.begin(besides: besides(loop), mayBegin: mayBegin(loop)) ? Turn() : nil
            }
        }
        let reading = loops.indices.filter { (try? results[$0].get()) != nil }
        let read = Result {
            try ModelSession.read(reading.map { (loops[$0].session, loops[$0].desk.state) })
        }
        for index in reading {
            results[index] = Result {
                try read.get()
                return try loops[index].end()
            }
        }
        return results
    }

    /// Lets what waits take a place, and has the methods read.
    ///
    /// - Returns: whether there is anything to write.
    private func begin(besides others: Int, mayBegin: Bool) throws -> Bool {
        guard desk.admit(besides: others, mayBegin: mayBegin) else { return false }
        for index in processors.indices { try processors[index].read(desk.state) }
        return true
    }

    /// Draws a token for each row, once the model has read.
    private func end() throws -> Turn {
        var turn = Turn()
        turn.rows = desk.state.rows.count
        turn.begun = desk.begun
        var drawn = try draw()
        for order in desk.begun where desk.state.prompts[order]?.alternatives != nil {
            turn.prompts.append((order, session.promptLogProbabilities(of: order)))
        }
        turn.failed = dropFailed(&drawn)
        desk.append(drawn, wantsLikelihood: wantsLikelihood, loaded.tokenizer)
        try review()
        if showsProgress { turn.progress = desk.progress(settlesAtReviews: reviewer != nil) }
        for complete in desk.removeFinished() { turn.finished.append(try kept(complete)) }
        return turn
    }

    private var wantsLikelihood: Bool { reviewer?.wantsLikelihood ?? false }

    /// What each row's next token is; −1 where there is none.
    private func draw() throws -> [DraftDesk.Drawn] {
        let state = desk.state
        var logits = try session.logits()
        for index in processors.indices { logits = try processors[index].process(logits, state) }
        let vocabulary = logits.size(1)
        let uniforms = desk.uniforms
        let plans = desk.sheets.map(\.plan)
        let wantsLikelihood = wantsLikelihood
        let threads = try Torch.threads()
        return try logits.to(on: .cpu).withFloats { values in
            concurrentRows(state.rows.count, threads: threads) { rows in
                var scratch = Sampler.Scratch()
                return rows.map { row -> DraftDesk.Drawn in
                    let slice = UnsafeBufferPointer(
                        rebasing: values[row * vocabulary..<(row + 1) * vocabulary])
                    let plan = plans[row]
                    let token = plan.token(slice, state.rows[row], uniform: uniforms[row], scratch: &scratch)
                    guard let token else { return DraftDesk.Drawn(token: -1) }
                    return DraftDesk.Drawn(
                        token: token, logLikelihood: wantsLikelihood ? logProbability(of: token, slice) : 0,
                        logProbability: plan.order.alternatives.map {
                            TokenLogProbability(of: token, in: slice, alternatives: $0)
                        })
                }
            }
        }
    }

    /// Takes orders off the desk for which nothing could be drawn, with all their rows.
    private func dropFailed(
        _ drawn: inout [DraftDesk.Drawn]
    ) -> [(order: Int, error: GenerationError)] {
        guard drawn.contains(where: { $0.token < 0 }) else { return [] }
        var failed: [(order: Int, error: GenerationError)] = []
        for (row, drawn) in drawn.enumerated() where drawn.token < 0 {
            let order = desk.state.rows[row].prompt
            guard !failed.contains(where: { $0.order == order }) else { continue }
            failed.append(
                (
                    order,
                    .nothingToDraw(
                        prompt: desk.state.prompts[order]?.id ?? "",
                        step: desk.state.rows[row].written.count)
                ))
        }
        let gone = Set(failed.map(\.order))
        drawn = zip(drawn, desk.sheets.map(\.order)).filter { !gone.contains($1) }.map(\.0)
        for order in gone { cancel(order) }
        return failed
    }

    private func review() throws {
        guard reviewer != nil else { return }
        let due = desk.due(every: reviewer?.interval)
        guard !due.isEmpty else { return }
        let drafts = due.map { desk.draft($0, loaded.tokenizer) }
        let reviews = try reviewer?.review(drafts) ?? []
        for (place, review) in zip(due, reviews) { desk.apply(review, to: place) }
    }

    /// Whether rows can be shown while they are written: not where one of several is chosen, or may be begun anew.
    private var showsProgress: Bool { candidates == 1 && reviewer?.keepsAccepted ?? true }

    private func kept(_ complete: DraftDesk.Complete) throws -> Finished {
        let seen = complete.drafts.map { $0.draft(loaded.tokenizer) }
        let place = seen.count > 1 ? try reviewer?.choose(seen) ?? 0 : 0
        let (chosen, sheet) = (seen[place], complete.drafts[place])
        let attempts = complete.drafts.count + complete.drafts.reduce(0) { $0 + $1.rewinds }
        let continuation = Continuation(
            promptID: chosen.promptID, sample: complete.sample, text: chosen.text, tokens: chosen.tokens,
            finish: chosen.finish ?? .length, attempts: reviewer == nil ? nil : attempts)
        let values =
            sheet.finish == .stopText
            ? Array(sheet.logProbabilities.prefix(chosen.tokens.count)) : sheet.logProbabilities
        return Finished(
            order: complete.order, continuation: continuation,
            logProbabilities: sheet.plan.order.alternatives == nil || sheet.isForeign ? nil : values,
            drawn: sheet.tokens.count + (sheet.finish == .eos ? 1 : 0), isLast: complete.isLast)
    }
}

extension RowPlan {
    /// The row's next token; nil when there is none to draw.
    fileprivate func token(
        _ logits: UnsafeBufferPointer<Float>, _ row: GenerationState.Row, uniform: Double,
        scratch: inout Sampler.Scratch
    ) -> Int32? {
        guard let adjustments else {
            return sampler.sample(logits, uniform: uniform, scratch: &scratch).map(Int32.init)
        }
        var changed = Array(logits)
        adjustments.apply(to: &changed, prompt: order.tokens, written: row.written, ends: ends)
        return changed.withUnsafeBufferPointer {
            sampler.sample($0, uniform: uniform, scratch: &scratch).map(Int32.init)
        }
    }
}

/// The natural logarithm of a token's probability under a row of logits.
private func logProbability(of token: Int32, _ logits: UnsafeBufferPointer<Float>) -> Double {
    guard let largest = logits.max(), largest.isFinite else { return 0 }
    let total = logits.reduce(0.0) { $0 + Double(exp($1 - largest)) }
    return Double(logits[Int(token)] - largest) - log(total)
}
