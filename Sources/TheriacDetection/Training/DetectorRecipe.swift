import Foundation
public import TheriacOptions

/// How a detector is made: `theriac train detector --recipe FILE.yaml --output DIR`.
///
/// The keys here are common to all kinds; `kind` says who learns, and each ``DetectorLearner`` reads its own keys beside
/// these.
public struct DetectorRecipe: Options {
    /// Name and version in the detector's identity.
    public var name = "detector"
    public var version = "1.0.0"
    /// Trains on texts of part `part` of `parts` only: parts share no text (``TextPart``).
    public var part = 0
    public var parts = 1
    /// Who learns, with its settings.
    var learner: any DetectorLearner = LinearLearner()
    /// The sets to learn from: their training split; of the others, valid stops and calibrates, test is
    /// reported.
    public var sets: [TrainingSet] = []
    /// Lines of clean prose as further negatives.
    public var prose: ProseSettings?
    /// Short texts of our own.
    public var shortTexts: [ShortTextSettings] = []
    /// Further texts made out of those that are trained on.
    public var augmentations: [AugmentationSettings] = []
    /// Puts the evasion normaliser before the detector (``NormalizingDetector``).
    public var undoesDisguises = false
    /// Names of sets whose valid split calibrates the heads. Empty: all sets.
    public var calibration: [String] = []
    /// The same for single heads, by attribute or label, where others shall calibrate them.
    public var calibrationByHead: [String: [String]] = [:]
    /// What a calibrated probability is of.
    public var calibrationTarget = CalibrationTarget.threshold
    /// Sets that are never trained on, scored whole for the report.
    public var tests: [String] = []
    /// Plain text files under the data folder whose lines are clean; the report has their share of flagged
    /// lines
    /// (of more than 20 bytes and without `<unk>`).
    public var cleanProse: [String] = []
    /// The file of ``IdentityTemplates`` under the data folder; never trained on, reported by term.
    public var identityTemplates: String?
    /// What the card says beside its usual limits: choices made with an eye on its figures, known weak spots.
    public var caution: [String] = []
    /// Licence groups that the trained sets may have, as on their cards.
    public var licenceGroups = ["open", "shareAlike"]
    /// Licence of the weights, for the card.
    public var licence = "CC-BY-SA-4.0"

    public init() {}

    var learnerKind: String { type(of: learner).kind }

    /// Whether learning needs libtorch.
    public var usesTensors: Bool { !(learner is LinearLearner) }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        var kind = LinearLearner.kind
        try fields.read("kind", into: &kind)
        learner = try DetectorLearners.named(kind, path: fields.pathOf("kind")).init()
        try fields.read("name", into: &name)
        try fields.read("version", into: &version)
        try fields.read("parts", into: &parts, in: 1...100)
        try fields.read("part", into: &part, in: 0...(parts - 1))
        try learner.read(&fields)
        try fields.read("sets", into: &sets)
        try fields.read("prose", into: &prose)
        try fields.read("short-texts", into: &shortTexts)
        try fields.read("augmentations", into: &augmentations)
        try fields.read("undo-disguises", into: &undoesDisguises)
        try fields.read("calibration", into: &calibration)
        try fields.read("calibration-of", into: &calibrationByHead)
        for label in calibrationByHead.keys.sorted()
        where !learner.heads.contains(where: { $0.label == label }) {
            let heads = learner.heads.map(\.label)
            throw .unknownChoice(
                path: fields.pathOf("calibration-of"), found: label, choices: heads,
                suggestion: nearestName(to: label, among: heads))
        }
        try fields.read("calibration-target", into: &calibrationTarget)
        try fields.read("tests", into: &tests)
        try fields.read("clean-prose", into: &cleanProse)
        try fields.read("identity-templates", into: &identityTemplates)
        try fields.read("caution", into: &caution)
        try fields.read("licence-groups", into: &licenceGroups)
        try fields.read("licence", into: &licence)
    }
}

/// What a probability is calibrated to.
public enum CalibrationTarget: String, OptionReadable, CaseIterable, Codable {
    /// The label itself: a share of raters, or another detector's score.
    case label
    /// That the label is at least 0.5.
    case threshold
}

/// Lines of clean prose out of a corpus with an index of sources.
public struct ProseSettings: Options, Codable, Equatable {
    /// The corpus and its index, under the data folder.
    public var corpus = ""
    public var index = ""
    public var sources: [String] = []
    /// How many fragments are drawn, of 8 to 80 words.
    public var fragments = 5000
    public var weight: Float = 1
    /// The label of every attribute.
    public var label: Float = 0.03

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        corpus = try fields.require("corpus")
        index = try fields.require("index")
        try fields.read("sources", into: &sources)
        try fields.read("fragments", into: &fragments, in: 0...1_000_000)
        try fields.read("weight", into: &weight, in: 0...1000)
        try fields.read("label", into: &label, in: 0...1)
    }
}

/// Short texts of our own, innocent and insulting, as single texts and as templates.
public struct ShortTextSettings: Options, Codable, Equatable {
    /// The YAML file; a relative path is taken from the recipe's folder.
    public var file = ""
    public var weight: Float = 1

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        file = try fields.require("file")
        if !file.hasPrefix("/") {
            file = URL(fileURLWithPath: fields.source).deletingLastPathComponent().appending(path: file).path
        }
        try fields.read("weight", into: &weight, in: 0...1000)
    }
}
