public import Foundation
public import TheriacCorpora
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacOptions
internal import TheriacTokenizers

/// What a guard model says of one text.
public struct GuardJudgement: Sendable, Equatable {
    /// p(unsafe) / (p(safe) + p(unsafe)) of the answer's first line.
    public var unsafe: Double
    /// The codes on the second line, in the order of the settings; empty for a text below the threshold.
    public var categories: [String]
}

/// A judge of Llama Guard's kind: a language model that is shown a policy and a conversation and answers `safe`, or
/// `unsafe` and the broken categories.
///
/// Toxicity is the probability of `unsafe` against `safe`. An attribute that categories stand for has that probability
/// when the model, having said `unsafe`, names one of them, and 0 when it does not. A text that is too long for the
/// model's context is judged in windows that overlap by half, and the least safe one counts.
///
/// Works with any causal model; only one trained for it answers better than chance.
///
/// Source: Inan et al., *Llama Guard: LLM-based Input-Output Safeguard*, 2023.
public final class GuardModelDetector: Detector {
    static let kind = "guard-model"

    public let identity: DetectorIdentity
    public let attributes: [Attribute]
    private let settings: GuardSettings
    private let model: PromptedModel
    private let template: PromptTemplate
    private let file: String

    /// Loads `detector.json` (``GuardSettings``) and the model it names.
    /// - Throws: ``DetectionError``, or an error of the settings or the model, saying what is wrong with which file.
    public convenience init(folder: URL) throws {
        let file = folder.appending(path: "detector.json")
        let settings = try GuardSettings(OptionValue(jsonFile: file), source: file.path)
        try self.init(settings, model: settings.prompted.load(from: folder), file: file.path)
    }

    init(_ settings: GuardSettings, model: PromptedModel, file: String) throws {
        guard let template = PromptTemplate(settings.filled) else {
            throw DetectionError.damaged(file: file, reason: "its template does not hold {text} exactly once")
        }
        self.settings = settings
        self.model = model
        self.template = template
        self.file = file
        let mapped = Set(settings.categories.flatMap(\.attributes))
        attributes = Attribute.allCases.filter { $0 == .toxicity || mapped.contains($0) }
        identity = try settings.prompted.identity(of: settings.option, model: model)
        _ = try model.run { loaded in try asking(loaded).windows.room }
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        try judgements(of: texts).map { judgement in
            guard let judgement else { return .emptyText }
            let named = settings.categories.filter { judgement.categories.contains($0.code) }
            let shown = Set(named.flatMap(\.attributes))
            return .scored(
                Dictionary(
                    uniqueKeysWithValues: attributes.map { attribute in
                        let counts = attribute == .toxicity || shown.contains(attribute)
                        return (attribute, counts ? Float(judgement.unsafe) : 0)
                    }))
        }
    }

    /// Probability and categories of each text; nil for a text without anything but white space.
    public func judgements(of texts: [String]) throws -> [GuardJudgement?] {
        try model.run { loaded in
            let asked = texts.indices.filter { !texts[$0].allSatisfy(\.isWhitespace) }
            let (answers, windows) = try asking(loaded)
            let prompts = asked.map { windows.prompts(for: texts[$0]) }
            let odds = try answers.logProbabilities(after: prompts.flatMap { $0 }).map { $0[1] - $0[0] }
            var result = [GuardJudgement?](repeating: nil, count: texts.count)
            var unsafe: [(text: Int, prompt: [Int32])] = []
            var place = 0
            for (index, windows) in zip(asked, prompts) {
                let values = odds[place..<(place + windows.count)]
                place += windows.count
                guard let worst = values.indices.max(by: { values[$0] < values[$1] }) else { continue }
                let probability = 1 / (1 + exp(-values[worst]))
                result[index] = GuardJudgement(unsafe: probability, categories: [])
                if probability >= settings.threshold {
                    unsafe.append((index, windows[worst - values.startIndex]))
                }
            }
            for (asked, codes) in zip(unsafe, try categories(after: unsafe.map(\.prompt), loaded)) {
                result[asked.text]?.categories = codes
            }
            return result
        }
    }

    private func asking(_ loaded: LoadedModel) throws -> (answers: AnswerLikelihood, windows: PromptWindows) {
        let answers = try AnswerLikelihood(
            loaded, answers: [settings.safe, settings.unsafe], after: template.tail)
        // Room for the answer's two lines.
        let reserved = answers.answers[1].count + newline(loaded).count + settings.categoryTokens
        let windows = try PromptWindows(
            template, loaded, limit: loaded.model.shape.context - reserved, file: file)
        return (answers, windows)
    }

    private func newline(_ loaded: LoadedModel) -> [Int32] {
        loaded.tokenizer.encode("\n", addingSpecialTokens: false)
    }

    /// The codes that the model goes on to list, greedily, after each prompt and the answer `unsafe`.
    private func categories(after prompts: [[Int32]], _ loaded: LoadedModel) throws -> [[String]] {
        guard !prompts.isEmpty, !settings.categories.isEmpty else { return prompts.map { _ in [] } }
        let answers = try AnswerLikelihood(
            loaded, answers: [settings.safe, settings.unsafe], after: template.tail)
        let said = answers.answers[1] + newline(loaded)
        var generation = GenerationSettings()
        generation.samples = 1
        generation.maxNewTokens = settings.categoryTokens
        generation.sampling.isGreedy = true
        generation.batchRows = 32
        var generator = try TextGenerator(loaded, settings: generation)
        let lines = try generator.continuations(
            of: prompts.enumerated().map { (id: "\($0.offset)", tokens: $0.element + said) })
        return lines.map { codes(in: $0.text) }
    }

    /// The known codes on the first line that is not blank.
    func codes(in answer: String) -> [String] {
        let line = answer.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let words = Set(
            line.split { !($0.isLetter || $0.isNumber) }.map { $0.lowercased() })
        return settings.categories.map(\.code).filter { words.contains($0.lowercased()) }
    }
}
