/// What a decoding step knows of the rows it continues.
public struct GenerationState: Sendable {
    public struct Prompt: Sendable, Equatable {
        public let id: String
        public let tokens: [Int32]
        /// Tokens each of its rows may write; nil: as many as a session allows.
        public let newTokens: Int?
        /// Log-probabilities of its own tokens are kept, with so many of the likeliest beside each; nil keeps none.
        public let alternatives: Int?

        public init(
            id: String, tokens: [Int32], newTokens: Int? = nil, alternatives: Int? = nil
        ) {
            self.id = id
            self.tokens = tokens
            self.newTokens = newTokens
            self.alternatives = alternatives
        }
    }

    /// One continuation that is being written.
    public struct Row: Sendable, Equatable {
        /// Unique in a run.
        public let id: Int
        /// Which of ``prompts`` it continues.
        public let prompt: Int
        /// Tokens written so far, without the prompt. A reviewer may have taken some back.
        public internal(set) var written: [Int32] = []
    }

    /// Prompts with rows that are being written or will be, by number.
    public internal(set) var prompts: [Int: Prompt] = [:]
    /// In the order of the logits.
    public internal(set) var rows: [Row] = []

    public init() {}

    /// All rows at once, `group` consecutive ones a prompt, nothing written yet.
    public init(prompts: [[Int32]], group: Int) {
        for (number, tokens) in prompts.enumerated() {
            self.prompts[number] = Prompt(id: "\(number)", tokens: tokens)
            for _ in 0..<group { rows.append(Row(id: rows.count, prompt: number)) }
        }
    }

    /// The tokens of the prompt that a row continues.
    public func prompt(of row: Row) -> [Int32] { prompts[row.prompt]?.tokens ?? [] }
}
