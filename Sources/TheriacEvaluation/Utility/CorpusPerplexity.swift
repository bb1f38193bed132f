import Foundation

/// How well a model predicts a text that people wrote: the cost of a cure.
///
/// Perplexity `exp(nll / tokens)`, 1 and up, lower is better; it depends on the vocabulary. Bits per byte
/// `nll / (ln 2 · bytes)`, 0 and up, lower is better, does not.
///
/// Example: nll 2.7726 over 2 tokens and 4 bytes → perplexity 4, one bit a byte.
public struct CorpusPerplexity: Sendable, Codable, Equatable {
    /// Per token.
    public var perplexity: Double
    /// Tokens that were predicted.
    public var tokens: Int
    public var bitsPerByte: Double
    /// The text's name and hash, when known.
    public var corpus: ContentIdentity?

    /// - Parameters:
    ///   - nll: natural logarithms summed over all predicted tokens.
    ///   - tokens: how many tokens were predicted.
    ///   - bytes: UTF-8 length of the text those tokens spell.
    ///   - corpus: which text it was.
    /// - Throws: ``EvaluationError/notFinite(field:)`` when a value is not a finite number.
    public init(nll: Double, tokens: Int, bytes: Int, corpus: ContentIdentity? = nil) throws {
        self.tokens = tokens
        self.corpus = corpus
        perplexity = exp(nll / Double(tokens))
        bitsPerByte = nll / (log(2) * Double(bytes))
        guard tokens > 0, bytes > 0, perplexity.isFinite, bitsPerByte.isFinite else {
            throw EvaluationError.notFinite(field: "corpus_perplexity")
        }
    }

    enum CodingKeys: String, CodingKey {
        case perplexity, tokens, corpus
        case bitsPerByte = "bits_per_byte"
    }
}
