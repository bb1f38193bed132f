public import TheriacCorpora

/// A detector's own bias, on everything that was asked for.
public struct DetectorAudit: Sendable, Codable, Equatable {
    public var detector: DetectorIdentity
    /// The attribute whose scores decide.
    public var attribute: Attribute
    /// A text counts as called toxic from here on. Chosen before, not on these texts.
    public var threshold: Double
    /// By mention of a group, and where a set says so by its target.
    public var sets: [SetAudit] = []
    /// Sentence templates filled with identity terms, by term.
    public var templates: [SetAudit] = []
    public var swaps: [SwapAudit] = []
    public var suites: [SuiteAudit] = []
    /// What could not be used, and what to beware of, in sentences.
    public var notes: [String] = []

    public init(detector: DetectorIdentity, attribute: Attribute, threshold: Double) {
        self.detector = detector
        self.attribute = attribute
        self.threshold = threshold
    }
}
