internal import TheriacGeneration

/// The answer to a request for texts, at once or piece by piece.
protocol WrittenAnswer: Sendable {
    var head: AnswerHead { get }
    var rows: RowSettings { get }
    var record: TreatmentRecord { get }
    var names: TokenNames { get }
    /// Whether it tells tokens' log-probabilities.
    var listsTokens: Bool { get }
    /// Whether anything is written, and not just a prompt measured.
    var isWritten: Bool { get }

    /// All of it as JSON, once it is written.
    func whole(_ job: GenerationJob) async throws -> [UInt8]

    /// Data of events that stand before the text.
    func opening(_ job: GenerationJob) -> [[UInt8]]

    /// What stands before a prompt's first piece.
    func echo(_ prompt: Int) -> String

    /// Lists of tokens at the beginning of a choice's.
    func lists(_ prompt: Int, _ measured: [TokenLogProbability?]) -> TokenLists

    /// Data of the events for one piece of text.
    ///
    /// - Parameter lists: those of the choice; entries before the piece's are gone.
    func events(_ piece: StreamedPiece, _ lists: inout TokenLists, _ job: GenerationJob) -> [[UInt8]]

    func usage(_ choices: [WrittenChoice]) -> TokenUsage
}

/// A piece of a choice's text.
struct StreamedPiece {
    var index: Int
    var text: String
    /// Log-probabilities of the tokens whose text is given out with it.
    var values: [TokenLogProbability]
    /// The finished choice, with its last piece.
    var choice: WrittenChoice?
}

extension WrittenAnswer {
    func echo(_ prompt: Int) -> String { "" }
    func opening(_ job: GenerationJob) -> [[UInt8]] { [] }
    func lists(_ prompt: Int, _ measured: [TokenLogProbability?]) -> TokenLists { TokenLists() }

    /// Writes the events of a job as they come; what is there together goes out together, and pieces of one choice as one.
    func stream(_ job: GenerationJob, to events: EventStream) async throws {
        var open: [Int: StreamedChoice] = [:]
        var measured: [Int: [TokenLogProbability?]] = [:]
        var choices: [WrittenChoice] = []
        func begin(_ prompt: Int) -> StreamedChoice {
            StreamedChoice(
                prompt: prompt,
                text: TextStream(names.tokenizer, stops: job.template.stops, countsTokens: listsTokens),
                lists: lists(prompt, measured[prompt] ?? []))
        }
        try await events.send(opening(job))
        while let ready = try await job.next() {
            var data: [[UInt8]] = []
            var grown: [Int] = []
            for event in ready {
                switch event {
                case .accepted: break
                case .measured(let prompt, let values): measured[prompt] = values
                case .progress(let prompt, let progress):
                    guard isWritten else { break }
                    let index = prompt * rows.samples + progress.sample
                    if open[index] == nil { open[index] = begin(prompt) }
                    if open[index]?.take(progress) == true { grown.append(index) }
                case .finished(let prompt, let done):
                    let index = prompt * rows.samples + done.continuation.sample
                    var own = open.removeValue(forKey: index) ?? begin(prompt)
                    let choice = WrittenChoice(index: index, prompt: prompt, done: done)
                    choices.append(choice)
                    var piece = StreamedPiece(index: index, text: "", values: [], choice: choice)
                    if isWritten {
                        piece.text = own.text.rest(of: choice.text)
                        piece.values = Array((done.logProbabilities ?? []).dropFirst(own.sentTokens))
                    }
                    if !own.hasBegun { piece.text = echo(prompt) + piece.text }
                    data += self.events(piece, &own.lists, job)
                }
            }
            for index in grown {
                guard var own = open.removeValue(forKey: index) else { continue }
                if let piece = own.piece(index, echo) { data += self.events(piece, &own.lists, job) }
                open[index] = own
            }
            try await events.send(data)
        }
        if rows.includesUsage {
            var writer = JSONWriter()
            writer.object { writer in
                head.write(to: &writer)
                writer.member("choices") { $0.array { _ in } }
                usage(choices).write(to: &writer)
            }
            try await events.send([writer.finish()])
        }
        try await events.end()
    }
}

/// What has come of a choice that goes on.
private struct StreamedChoice {
    let prompt: Int
    var text: TextStream
    var lists: TokenLists
    var hasBegun = false
    /// Tokens whose log-probabilities were given out.
    private(set) var sentTokens = 0
    private var tokens: [Int32] = []
    /// Of tokens behind `sentTokens`.
    private var values: [TokenLogProbability] = []

    init(prompt: Int, text: TextStream, lists: TokenLists) {
        self.prompt = prompt
        self.text = text
        self.lists = lists
    }

    /// - Returns: whether nothing else had come since the last piece.
    mutating func take(_ progress: DecodeLoop.Progress) -> Bool {
        defer {
            tokens += progress.tokens
            values += progress.logProbabilities
        }
        return tokens.isEmpty
    }

    /// The text that can be shown of what came; nil for none.
    mutating func piece(_ index: Int, _ echo: (Int) -> String) -> StreamedPiece? {
        var piece = text.piece(of: tokens)
        tokens = []
        if !hasBegun { piece = echo(prompt) + piece }
        guard !piece.isEmpty else { return nil }
        hasBegun = true
        let count = min(text.sentTokens - sentTokens, values.count)
        defer {
            values.removeFirst(count)
            sentTokens += count
        }
        return StreamedPiece(index: index, text: piece, values: Array(values.prefix(count)))
    }
}
