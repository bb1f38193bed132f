public import TheriacCorpora

extension TransformerDetector: TokenScoring {}

/// The words whose tokens a trained span head finds toxic.
///
/// A word is as toxic as the most toxic of its tokens; tokens of punctuation alone are passed over.
public struct TokenScores: SpanFinder {
    public static let name = "tokens"
    public static let summary = "probability of the word's most toxic token, by a trained span head"
    public static let rule = SpanRule(threshold: 0.5)

    private let scorer: any TokenScoring

    public init?(_ detector: any Detector, attribute: Attribute) {
        guard attribute == .toxicity, let scorer = detector as? any TokenScoring, scorer.hasSpanHead else {
            return nil
        }
        self.init(scorer)
    }

    public init(_ scorer: any TokenScoring) { self.scorer = scorer }

    public func evidence(in texts: [String]) throws -> [[WordEvidence]] {
        zip(texts, try scorer.tokenToxicity(of: texts)).map { text, tokens in
            var first = 0
            return TextWords.words(of: text).map { word in
                // Tokens are in order, and one may reach over the border of a word.
                while first < tokens.count && tokens[first].scalars.upperBound <= word.lowerBound {
                    first += 1
                }
                var weight: Float = 0
                var place = first
                while place < tokens.count, tokens[place].scalars.lowerBound < word.upperBound {
                    weight = max(weight, tokens[place].probability)
                    place += 1
                }
                return WordEvidence(scalars: word, weight: weight)
            }
        }
    }
}
