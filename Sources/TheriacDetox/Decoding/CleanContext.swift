public import TheriacCorpora
internal import TheriacDetection
public import TheriacGeneration
public import TheriacOptions

/// Settings of cleaning the context.
public struct CleanContextSettings: Options, Equatable {
    /// The detector that finds toxic words; it cannot be the judge as well.
    public var detector = "steer"
    public var attribute = Attribute.toxicity
    /// A prompt below this probability is left as it is.
    public var threshold = 0.5
    /// What stands in a toxic segment's place; "" leaves it out.
    public var filler = ""

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        try fields.read("attribute", into: &attribute)
        try fields.read("threshold", into: &threshold, in: 0...1)
        try fields.read("filler", into: &filler)
    }
}

/// Takes toxic segments out of the prompt, then lets the model continue the clean context.
///
/// Source: Tang et al., *CMD: a framework for Context-aware Model self-Detoxification*, 2024: the first of its two steps, with
/// the words that a detector points at in the segment-CNN's place, and a filler in the place of masking and filling. A prompt
/// that is still toxic without its segments goes to the model as it has become: the words that were left carry the sense.
public enum CleanContextMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "clean-context", title: "clean the context",
        summary: "Takes toxic segments out of the prompt before the model continues it.",
        source: "Tang et al., CMD: context-aware model self-detoxification, 2024 (its first step)",
        cost: "one score a prompt")

    public static func makePart(
        _ settings: CleanContextSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        .editor(
            CleanContext(
                scorer: try ContinuationScorer(settings.detector, settings.attribute, context),
                settings: settings))
    }
}

struct CleanContext: ContextEditor {
    let scorer: ContinuationScorer
    let settings: CleanContextSettings

    func edit(_ prompts: [String]) throws -> [String] {
        let scores = try scorer.scores(prompts)
        let toxic = prompts.indices.filter { Double(scores[$0]) >= settings.threshold }
        guard !toxic.isEmpty else { return prompts }
        var result = prompts
        let spans = try toxicSpans(toxic.map { prompts[$0] })
        for (place, spans) in zip(toxic, spans) { result[place] = clean(prompts[place], without: spans) }
        return result
    }

    /// Scalars of the toxic segments of each text.
    private func toxicSpans(_ texts: [String]) throws -> [[Range<Int>]] {
        guard let finder = SpanFinders.best(for: scorer.detector, attribute: scorer.attribute) else {
            return texts.map { _ in [] }
        }
        return try finder.spans(in: texts)
    }

    private func clean(_ text: String, without spans: [Range<Int>]) -> String {
        let scalars = Array(text.unicodeScalars)
        var kept = String.UnicodeScalarView()
        var place = 0
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) where span.lowerBound >= place {
            kept.append(contentsOf: scalars[place..<span.lowerBound])
            kept.append(contentsOf: settings.filler.unicodeScalars)
            place = min(span.upperBound, scalars.count)
        }
        kept.append(contentsOf: scalars[place...])
        // Where a word was taken out between blanks, one blank is enough; a prompt must not end in one.
        let words = String(kept).split(separator: " ", omittingEmptySubsequences: true)
        return words.joined(separator: " ")
    }
}
