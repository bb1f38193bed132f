public import TheriacCorpora

/// Something that scores texts.
public protocol Detector: Sendable {
    /// Goes into every report beside the scores.
    var identity: DetectorIdentity { get }
    /// The attributes every scored verdict has.
    var attributes: [Attribute] { get }
    /// One verdict for each text, in order. A text's verdict depends on that text alone.
    func verdicts(for texts: [String]) throws -> [Verdict]
}
