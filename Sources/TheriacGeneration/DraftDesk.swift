internal import TheriacTensors
internal import TheriacTokenizers

/// The drafts of a generation: which are being written, which wait, which are done.
struct DraftDesk: ~Copyable {
    /// What drafts may take together.
    struct Allowance {
        var bytes: Int
        /// Of all caches, for a token of prompt or continuation.
        var bytesPerToken: Int
        /// For a row, whatever its length.
        var bytesPerRow: Int
    }

    /// A draft on the desk, or done.
    struct Sheet {
        let id: Int
        let prompt: Int
        let promptID: String
        let sample: Int
        let candidate: Int
        var tokens: [Int32] = []
        var finish: Continuation.Finish?
        var rewinds = 0
        var replacement: (text: String, tokens: [Int32])?
        /// Of each token.
        var logLikelihoods: [Double] = []
        fileprivate var stream: RandomStream
        fileprivate var seen = 0  // tokens at its last review

        func draft(_ tokenizer: Tokenizer) -> Draft {
            var draft = Draft(
                id: id, promptID: promptID, sample: sample, tokens: replacement?.tokens ?? tokens,
                text: replacement?.text ?? tokenizer.decode(tokens), finish: finish, rewinds: rewinds)
            draft.logLikelihood = logLikelihoods.reduce(0, +)
            return draft
        }
    }

    /// A prompt whose drafts are all done.
    struct Complete {
        let prompt: Int
        /// In order; the drafts of each by candidate.
        let samples: [(sample: Int, drafts: [Sheet])]
    }

    private(set) var state = GenerationState()
    /// The next number in 0..<1 of each row's stream.
    private(set) var uniforms: [Double] = []
    private var sheets: [Sheet] = []  // one for each row of the state
    private var done: [Int: [Sheet]] = [:]  // by prompt
    private let prompts: [GenerationState.Prompt]
    private let settings: GenerationSettings
    private let candidates: Int
    private let context: Int
    private let allowance: Allowance
    private var next = 0  // the draft to begin next, counted over all prompts
    /// Added to numbers of prompts and rows, so that no two runs of a generator share one.
    private let origin: Int

    init(
        prompts: [GenerationState.Prompt], settings: GenerationSettings, candidates: Int, context: Int,
        allowance: Allowance, origin: Int = 0
    ) {
        self.origin = origin
        self.prompts = prompts
        self.settings = settings
        self.candidates = candidates
        self.context = context
        self.allowance = allowance
    }

    /// Numbers it may use.
    var count: Int { prompts.count * draftsPerPrompt }

    private var draftsPerPrompt: Int { settings.samples * candidates }

    /// Begins as many drafts as there is room for, and draws a number for each row.
    ///
    /// - Returns: false when there is nothing left to write.
    mutating func admit() -> Bool {
        while next < prompts.count * draftsPerPrompt, hasRoom() { begin() }
        uniforms = sheets.indices.map { sheets[$0].stream.uniform() }
        return !sheets.isEmpty
    }

    private func hasRoom() -> Bool {
        if sheets.isEmpty { return true }
        let prompt = next / draftsPerPrompt
        guard sheets.count < settings.batchRows else { return false }
        var tokens = (sheets.count + 1) * settings.maxNewTokens
        tokens += state.prompts.values.reduce(0) { $0 + $1.tokens.count }
        if state.prompts[origin + prompt] == nil { tokens += prompts[prompt].tokens.count }
        return tokens * allowance.bytesPerToken + (sheets.count + 1) * allowance.bytesPerRow
            <= allowance.bytes
    }

    private mutating func begin() {
        let prompt = next / draftsPerPrompt
        let draft = next % draftsPerPrompt
        state.prompts[origin + prompt] = prompts[prompt]
        state.rows.append(.init(id: origin + next, prompt: origin + prompt))
        sheets.append(
            Sheet(
                id: origin + next, prompt: prompt, promptID: prompts[prompt].id, sample: draft / candidates,
                candidate: draft % candidates,
                stream: RandomStream(
                    seed: settings.seed, prompt: prompts[prompt].id, continuation: draft)))
        next += 1
    }

    /// Adds a token to each row; a row that ends keeps its place until ``removeFinished()``.
    ///
    /// - Parameter logLikelihoods: of the tokens; empty where nobody wants them.
    mutating func append(_ drawn: [Int32], logLikelihoods: [Double], endOfText: Set<Int32>) {
        for (row, token) in drawn.enumerated() {
            if !logLikelihoods.isEmpty { sheets[row].logLikelihoods.append(logLikelihoods[row]) }
            if endOfText.contains(token) {
                sheets[row].finish = .eos
                continue
            }
            sheets[row].tokens.append(token)
            state.rows[row].written.append(token)
            let count = sheets[row].tokens.count
            if count >= settings.maxNewTokens {
                sheets[row].finish = .length
            } else if prompts[sheets[row].prompt].tokens.count + count >= context {
                sheets[row].finish = .context
            }
        }
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
            sheets[row].finish = .stopped
        }
        sheets[row].seen = sheets[row].tokens.count
    }

    private mutating func cut(_ row: Int, to tokens: Int) {
        let kept = min(max(tokens, 0), sheets[row].tokens.count)
        sheets[row].tokens.removeSubrange(kept...)
        sheets[row].logLikelihoods = Array(sheets[row].logLikelihoods.prefix(kept))
        state.rows[row].written.removeSubrange(kept...)
    }

    /// Takes finished drafts off the desk.
    ///
    /// - Returns: the prompts that have all theirs now.
    mutating func removeFinished() -> [Complete] {
        guard sheets.contains(where: { $0.finish != nil }) else { return [] }
        var touched: Set<Int> = []
        for sheet in sheets where sheet.finish != nil {
            done[sheet.prompt, default: []].append(sheet)
            touched.insert(sheet.prompt)
        }
        let kept = sheets.indices.filter { sheets[$0].finish == nil }
        state.rows = kept.map { state.rows[$0] }
        sheets = kept.map { sheets[$0] }
        return touched.sorted().compactMap { prompt in
            guard let all = done[prompt], all.count == draftsPerPrompt else { return nil }
            done[prompt] = nil
            state.prompts[origin + prompt] = nil
            let bySample = Dictionary(grouping: all, by: \.sample)
            return Complete(
                prompt: prompt,
                samples: bySample.keys.sorted().map { sample in
                    (sample, (bySample[sample] ?? []).sorted { $0.candidate < $1.candidate })
                })
        }
    }
}
