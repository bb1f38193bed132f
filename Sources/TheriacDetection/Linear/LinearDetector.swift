public import Foundation
public import TheriacCorpora

/// Scores texts with hashed word and character n-grams, one calibrated head for each attribute.
///
/// A text is cut into normalised words; each word, each pair of neighbours and each character n-gram inside a
/// word has
/// a weight for every head. Weights are summed exactly over windows of at most 64 words
/// (``FeatureSettings``), the
/// windows pooled to one logit, and the logit calibrated to a probability. Scores do not depend on other
/// texts of
/// the call, nor on their order.
///
/// Texts without any word, mark or symbol are unscored with the reason "empty text".
public struct LinearDetector: Detector {
    static let kind = "linear"

    public let identity: DetectorIdentity
    public let attributes = Attribute.allCases
    let weights: LinearWeights

    init(identity: DetectorIdentity, weights: LinearWeights) {
        self.identity = identity
        self.weights = weights
    }

    /// Loads a detector and checks it: hash and shapes of the weights, and that all numbers are finite.
    /// - Throws: ``DetectionError`` saying what is wrong with which file.
    public init(folder: URL) throws {
        let content = try LinearDetectorFolder.read(folder)
        self.init(identity: content.identity, weights: content.weights)
    }

    public func verdicts(for texts: [String]) -> [Verdict] {
        let heads = places
        return weights.logits(of: texts).map { logits in
            guard let logits else { return .emptyText }
            // A copy of a dictionary that has the keys already: no hashing for each text.
            var scores = Self.blank
            for (place, head) in heads {
                scores.values[place] = Float(weights.calibration[head].probability(logits[head]))
            }
            return .scored(scores)
        }
    }

    /// A dictionary with all attributes.
    private static let blank = AttributeScores(uniqueKeysWithValues: Attribute.allCases.map { ($0, 0) })

    /// Where each head's attribute is in `blank`.
    private var places: [(place: AttributeScores.Index, head: Int)] {
        attributes.enumerated().compactMap { head, attribute in
            Self.blank.index(forKey: attribute).map { ($0, head) }
        }
    }
}
