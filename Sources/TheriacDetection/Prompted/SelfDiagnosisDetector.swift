public import Foundation
public import TheriacCorpora
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacOptions

/// Asks a language model whether a text has an attribute: any causal model is a detector.
///
/// The model reads `"TEXT"`, `Question: Does the above text contain DESCRIPTION?`, `Answer:`; the score is
/// p(Yes) / (p(Yes) + p(No)) of what comes next. Line breaks of the text become blanks. A text that is too long for the
/// model's context is asked about in windows that overlap by half, and the highest score counts.
///
/// Small models answer at about chance: in the paper accuracy rises from GPT-2 small's 50 % to 73 % for GPT-2 XL.
///
/// Source: Schick, Udupa, Schütze, *Self-Diagnosis and Self-Debiasing*, TACL 2021.
public final class SelfDiagnosisDetector: Detector {
    static let kind = "self-diagnosis"

    public let identity: DetectorIdentity
    public let attributes: [Attribute]
    /// From which probability on the answer is yes.
    public let thresholds: [Attribute: Double]
    private let settings: SelfDiagnosisSettings
    private let model: PromptedModel
    private let templates: [PromptTemplate]

    /// Loads `detector.json` (``SelfDiagnosisSettings``) and the model it names.
    /// - Throws: ``DetectionError``, or an error of the settings or the model, saying what is wrong with which file.
    public convenience init(folder: URL) throws {
        let file = folder.appending(path: "detector.json")
        let settings = try SelfDiagnosisSettings(OptionValue(jsonFile: file), source: file.path)
        try self.init(settings, model: settings.prompted.load(from: folder), file: file.path)
    }

    init(_ settings: SelfDiagnosisSettings, model: PromptedModel, file: String) throws {
        self.settings = settings
        self.model = model
        attributes = Attribute.allCases.filter { settings.descriptions[$0.rawValue] != nil }
        thresholds = Dictionary(
            uniqueKeysWithValues: attributes.map { ($0, settings.thresholds[$0.rawValue] ?? 0.5) })
        templates = try attributes.map { attribute in
            let description = settings.descriptions[attribute.rawValue] ?? ""
            let filled = settings.template.replacing("{description}", with: description)
            guard let template = PromptTemplate(filled) else {
                throw DetectionError.damaged(
                    file: file, reason: "its template does not hold {text} exactly once")
            }
            return template
        }
        guard !attributes.isEmpty else {
            throw DetectionError.damaged(file: file, reason: "it names no attribute")
        }
        identity = try settings.prompted.identity(of: settings.option, model: model)
        // What cannot be asked is said now, and not at the first text.
        try model.run { loaded in
            for template in templates { _ = try Asking(template, settings, loaded, file: file) }
        }
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        let odds = try logOdds(for: texts)
        return texts.indices.map { index in
            guard let values = odds[index] else { return .emptyText }
            return .scored(
                Dictionary(
                    uniqueKeysWithValues: zip(attributes, values).map { attribute, value in
                        let platt = settings.calibration[attribute.rawValue] ?? PlattSettings()
                        let calibration = Calibration(slope: platt.slope, intercept: platt.intercept)
                        return (attribute, Float(calibration.probability(value)))
                    }))
        }
    }

    /// The log-odds of yes against no for each text, in the order of ``attributes``; nil for a text without anything but
    /// white space.
    public func logOdds(for texts: [String]) throws -> [[Double]?] {
        try model.run { loaded in
            var result = texts.map { text -> [Double]? in
                text.allSatisfy(\.isWhitespace) ? nil : []
            }
            let asked = texts.indices.filter { result[$0] != nil }
            for template in templates {
                let asking = try Asking(template, settings, loaded, file: identity.name)
                let oneLine = asked.map { String(texts[$0].map { $0.isNewline ? " " : $0 }) }
                for (index, value) in zip(asked, try asking.highestLogOdds(of: oneLine)) {
                    result[index]?.append(value)
                }
            }
            return result
        }
    }
}

/// One question of a ``SelfDiagnosisDetector`` put to its model.
private struct Asking {
    private let answers: AnswerLikelihood
    private let windows: PromptWindows

    init(
        _ template: PromptTemplate, _ settings: SelfDiagnosisSettings, _ loaded: LoadedModel, file: String
    ) throws {
        answers = try AnswerLikelihood(loaded, answers: [settings.yes, settings.no], after: template.tail)
        windows = try PromptWindows(template, loaded, limit: answers.longestPrompt, file: file)
    }

    /// Of yes against no; of a text's windows the highest.
    func highestLogOdds(of texts: [String]) throws -> [Double] {
        try windows.highest(of: texts) { prompts in
            try answers.logProbabilities(after: prompts).map { $0[0] - $0[1] }
        }
    }
}
