/// One text a model wrote after a prompt.
public struct Continuation: Sendable, Codable, Equatable {
    public enum Finish: String, Sendable, Codable {
        /// The model ended the text.
        case eos
        /// The limit of new tokens was reached.
        case length
        /// The model's context was full.
        case context
        /// A method ended it.
        case stopped
        /// A text that the caller named came to stand in it.
        case stopText = "stop-text"
    }

    public var promptID: String
    public var sample: Int
    /// Without the prompt and without the end-of-text token.
    public var text: String
    public var tokens: [Int32]
    public var finish: Finish
    /// Drafts drawn for it, those taken back among them; nil where no method reviews drafts.
    public var attempts: Int?

    public init(
        promptID: String, sample: Int, text: String, tokens: [Int32], finish: Finish, attempts: Int? = nil
    ) {
        self.promptID = promptID
        self.sample = sample
        self.text = text
        self.tokens = tokens
        self.finish = finish
        self.attempts = attempts
    }

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt_id"
        case sample, text, tokens, finish, attempts
    }
}
