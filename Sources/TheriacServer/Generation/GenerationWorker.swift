internal import Synchronization
internal import Theriac
internal import TheriacDetection
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTokenizers

/// What the host's thread does: makes chains, puts requests on their loops, and hands out what is written. Not for use by
/// more than one thread.
final class GenerationWorker {
    enum Outcome: Equatable {
        /// There was nothing to write.
        case idle
        /// - finished: continuations; seconds: since the last time that some were.
        case wrote(finished: Int, seconds: Double)
        case failed
    }

    private struct Active {
        let job: GenerationJob
        let loop: ServingLoop
        /// Orders not finished, and whether each has begun.
        var orders: [Int: Bool] = [:]
        var hasToken = false
    }

    private let models: ServedModels
    private let settings: GenerationServingSettings
    private let assets: AssetFolder
    private let metrics: GenerationMetrics
    private var loops: [ChainChoice: ServingLoop] = [:]
    private var active: [ObjectIdentifier: Active] = [:]
    private var begun = 0
    private var lastFinish = ContinuousClock.now

    init(
        _ models: ServedModels, _ settings: GenerationServingSettings, assets: AssetFolder,
        metrics: GenerationMetrics
    ) {
        self.models = models
        self.settings = settings
        self.assets = assets
        self.metrics = metrics
    }

    /// Continuations that have begun, or will never, since the last call.
    func takeBegun() -> Int {
        defer { begun = 0 }
        return begun
    }

    // MARK: Chains

    /// The loop of a chain, made when there is none.
    func loop(for choice: ChainChoice) throws -> ServingLoop {
        if let found = loops[choice] { return found }
        if loops.count >= settings.chains {
            let idle = loops.filter(\.value.isIdle).min { $0.value.lastUsed < $1.value.lastUsed }
            guard let idle else { throw ServerError.queueFull(retryAfter: 5) }
            loops[idle.key] = nil
        }
        let made = try ServingLoop(choice, models, settings, assets: assets)
        loops[choice] = made
        return made
    }

    // MARK: Jobs

    /// Puts a job's prompts on the loop of its chain, or tells why not.
    func admit(_ job: GenerationJob) {
        guard !job.isCancelled, job.deadline > .now else {
            begun += job.rows
            job.finish(ServerError.deadlineExceeded)
            return
        }
        do {
            let loop = try chain(job.choice)
            let rows = job.rows * loop.loop.candidates
            guard rows <= settings.rowsPerRequest else {
                throw OpenAIError(
                    status: 400,
                    message:
                        "The request asks for \(rows) continuations, drafts of methods included; this server "
                        + "writes at most \(settings.rowsPerRequest) for a request.",
                    parameter: "n", code: "invalid_value")
            }
            let prompts = try job.prompts.map { try tokens($0, loop.loop) }
            let orders = try prompts.map { try order($0, job, loop.loop) }
            var entry = Active(job: job, loop: loop)
            job.send(.accepted(prompts, loop.record))
            for (place, order) in orders.enumerated() {
                let number = loop.loop.add(order)
                loop.orders[number] = (job, place)
                entry.orders[number] = false
                metrics.promptTokens.add(order.tokens.count)
                if order.measuresPrompt { metrics.scoredTokens.add(order.tokens.count - 1) }
            }
            loop.lastUsed = .now
            active[ObjectIdentifier(job)] = entry
        } catch {
            begun += job.rows
            job.finish(Self.explained(error))
        }
    }

    private func chain(_ choice: ChainChoice) throws -> ServingLoop {
        do {
            return try loop(for: choice)
        } catch let error as ServerError {
            throw error
        } catch let error as any CustomStringConvertible {
            throw RequestedChain.refused(error.description)
        }
    }

    /// The tokens that the model reads for a prompt.
    private func tokens(_ prompt: PromptText, _ loop: DecodeLoop) throws -> [Int32] {
        let tokenizer = models.facts.tokenizer
        switch prompt {
        case .text(let text):
            let text = loop.editsPrompts ? try loop.edited([text]).first ?? text : text
            return begin(tokenizer.encode(text))
        case .rendered(let text):
            let text = loop.editsPrompts ? try loop.edited([text]).first ?? text : text
            return begin(tokenizer.encode(text, addingSpecialTokens: false))
        case .tokens(let tokens):
            guard loop.editsPrompts else { return tokens }
            let text = tokenizer.decode(tokens, skippingSpecialTokens: false)
            let edited = try loop.edited([text]).first ?? text
            return edited == text ? tokens : begin(tokenizer.encode(edited, addingSpecialTokens: false))
        }
    }

    /// An empty prompt is the begin-of-text token.
    private func begin(_ tokens: [Int32]) -> [Int32] {
        tokens.isEmpty ? [models.facts.beginOfText].compactMap { $0 } : tokens
    }

    private func order(
        _ tokens: [Int32], _ job: GenerationJob, _ loop: DecodeLoop
    ) throws -> GenerationOrder {
        guard !tokens.isEmpty else { throw GenerationError.emptyPrompt }
        let context = models.facts.context
        var order = job.template
        order.tokens = tokens
        // Draws belong to the prompt, whatever stands beside it in a request.
        order.id = tokens.map(String.init).joined(separator: " ")
        let wanted = order.maxNewTokens
        // A single token needs no room: it is never read.
        if wanted > 1, tokens.count + wanted > context {
            guard !job.hasStatedLimit, tokens.count < context else {
                throw OpenAIError(
                    status: 400,
                    message:
                        "This model's context is \(context) tokens. The request has \(tokens.count) in the prompt and "
                        + "asks for \(wanted) more.",
                    parameter: "max_tokens", code: "context_length_exceeded")
            }
            order.maxNewTokens = context - tokens.count
        }
        guard tokens.count <= context else {
            throw OpenAIError(
                status: 400,
                message: "This model's context is \(context) tokens, and the prompt has \(tokens.count).",
                parameter: "prompt", code: "context_length_exceeded")
        }
        order.maxNewTokens = max(order.maxNewTokens, 1)
        try loop.checkMemory(prompt: tokens.count, newTokens: order.maxNewTokens)
        return order
    }

    /// Takes jobs off whose callers have gone or whose time is over.
    func sweep() {
        let now = ContinuousClock.now
        for (id, entry) in active where entry.job.isCancelled || entry.job.deadline <= now {
            give(up: id, entry, ServerError.deadlineExceeded)
        }
    }

    private func give(up id: ObjectIdentifier, _ entry: Active, _ error: any Error) {
        for (order, hasBegun) in entry.orders {
            entry.loop.loop.cancel(order)
            entry.loop.orders[order] = nil
            if !hasBegun { begun += entry.job.template.samples }
        }
        active[id] = nil
        entry.job.finish(error)
    }

    // MARK: Turns

    /// Writes a token in every row of every chain. Chains on the same weights are one batch, and all share the memory. One
    /// that finds no room for a single row comes first when some is given back: until then the others begin nothing.
    func turn() -> Outcome {
        var finished = 0
        var rows = 0
        var isIdle = true
        var hasFailed = false
        let busy = loops.values.filter { !$0.isIdle }
        let first = busy.filter { $0.starvedSince != nil }.min { a, b in
            (a.starvedSince ?? .now) < (b.starvedSince ?? .now)
        }
        for together in Dictionary(grouping: busy, by: { ObjectIdentifier($0.pass) }).values {
            let results = DecodeLoop.turns(
                together.map(\.loop), besides: { memoryTaken - $0.memoryTaken },
                mayBegin: { first == nil || $0 === first?.loop })
            var batch = 0
            for (loop, result) in zip(together, results) {
                do {
                    let next = try result.get()
                    loop.starvedSince = loop.loop.isStarved ? loop.starvedSince ?? .now : nil
                    guard let turn = next else { continue }
                    isIdle = false
                    batch += turn.rows
                    finished += turn.finished.count
                    deliver(turn, loop)
                } catch {
                    hasFailed = true
                    drop(loop)
                }
            }
            if batch > 0 { metrics.rowsPerTurn.observe(Double(batch)) }
            rows += batch
        }
        metrics.running.store(rows, ordering: .relaxed)
        metrics.memory.store(
            Int(Double(memoryTaken) / (settings.memory * 1_073_741_824) * 1e6), ordering: .relaxed)
        if hasFailed { return .failed }
        if isIdle { return .idle }
        let now = ContinuousClock.now
        defer { if finished > 0 { lastFinish = now } }
        return .wrote(finished: finished, seconds: (now - lastFinish) / .seconds(1))
    }

    /// Bytes that all chains have taken together.
    var memoryTaken: Int { loops.values.reduce(0) { $0 + $1.loop.memoryTaken } }

    private func deliver(_ turn: DecodeLoop.Turn, _ loop: ServingLoop) {
        metrics.generatedTokens.add(turn.rows)
        for order in turn.begun {
            guard let job = loop.orders[order]?.job else { continue }
            begun += job.template.samples
            active[ObjectIdentifier(job)]?.orders[order] = true
            if active[ObjectIdentifier(job)]?.hasToken == false {
                active[ObjectIdentifier(job)]?.hasToken = true
                metrics.firstToken.observe((ContinuousClock.now - job.arrived) / .seconds(1))
            }
        }
        for (order, values) in turn.prompts {
            guard let (job, place) = loop.orders[order] else { continue }
            job.send(.measured(prompt: place, values))
        }
        for progress in turn.progress {
            guard let (job, place) = loop.orders[progress.order] else { continue }
            job.send(.progress(prompt: place, progress))
        }
        for done in turn.finished {
            guard let (job, place) = loop.orders[done.order] else { continue }
            metrics.finished["finished_reason=\"\(done.continuation.finish.openAI)\""].add()
            job.send(.finished(prompt: place, done))
            guard done.isLast else { continue }
            loop.orders[done.order] = nil
            loop.lastUsed = .now
            active[ObjectIdentifier(job)]?.orders[done.order] = nil
            guard active[ObjectIdentifier(job)]?.orders.isEmpty == true else { continue }
            active[ObjectIdentifier(job)] = nil
            metrics.duration.observe((ContinuousClock.now - job.arrived) / .seconds(1))
            job.finish()
        }
        for (order, error) in turn.failed {
            guard let job = loop.orders[order]?.job, let entry = active[ObjectIdentifier(job)] else {
                continue
            }
            give(up: ObjectIdentifier(job), entry, Self.explained(error))
        }
    }

    /// Gives up a loop that failed as a whole, and all that it was writing.
    private func drop(_ loop: ServingLoop) {
        for (id, entry) in active where entry.loop === loop { give(up: id, entry, ServerError.failed) }
        loops = loops.filter { $0.value !== loop }
    }

    private static func explained(_ error: any Error) -> any Error {
        guard let error = error as? GenerationError else { return error }
        let (parameter, code): (String?, String) =
            switch error {
            case .emptyPrompt: ("prompt", "invalid_value")
            case .promptTooLong, .memory: ("max_tokens", "context_length_exceeded")
            case .nothingToDraw: (nil, "nothing_to_draw")
            case .noAnswer, .conflict: ("theriac.chain", "invalid_chain")
            }
        // The prompt's id is its tokens; it has no place in an error.
        let message =
            if case .nothingToDraw(_, let step) = error {
                "No token is left to draw at step \(step): the methods, biases or limits ban the whole vocabulary."
            } else { error.description }
        return OpenAIError(status: 400, message: message, parameter: parameter, code: code)
    }
}

extension Continuation.Finish {
    /// As the interface calls it.
    var openAI: String {
        switch self {
        case .eos, .stopText: "stop"
        case .length, .context: "length"
        case .stopped: "content_filter"
        }
    }
}
