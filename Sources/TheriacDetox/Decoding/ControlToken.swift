public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTokenizers

/// Settings of the control token.
public struct ControlTokenSettings: Options, Equatable {
    /// What is put before each prompt; nil takes `<|nontoxic|>`, "" changes nothing.
    public var text: String?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("text", into: &text)
    }
}

/// Puts before each prompt what the model has learnt to see before nontoxic text.
///
/// Source: Gehman et al., *RealToxicityPrompts*, Findings of EMNLP 2020 (attribute conditioning, ATCON), after Keskar et
/// al., *CTRL*, 2019. The model must have been trained with it (`theriac train control-token`): a token that it has never
/// seen, or seen as plain text only, does something else.
public enum ControlTokenMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "control-token", title: "control token",
        summary: "Puts before each prompt what the model was trained to see before nontoxic text.",
        source: "Gehman et al., RealToxicityPrompts, Findings of EMNLP 2020 (ATCON)",
        cost: "a few more tokens in each prompt; a training once")

    /// What texts of a class begin with.
    public static func text(of kind: ToxicityClass) -> String { "<|\(kind.rawValue)|>" }

    public static func makePart(
        _ settings: ControlTokenSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        let text = settings.text ?? Self.text(of: .nontoxic)
        // Whoever names a text takes it on himself that the model knows it.
        guard
            settings.text != nil || !context.hasOriginalWeights || context.model.tokenizer.id(of: text) != nil
        else { throw ControlTokenError.unknown(text) }
        return .editor(ControlToken(text: text))
    }
}

/// The control token's editor.
struct ControlToken: ContextEditor {
    let text: String

    mutating func edit(_ prompts: [String]) throws -> [String] { prompts.map { text + $0 } }
}

public enum ControlTokenError: Error, Equatable, CustomStringConvertible {
    case unknown(String)

    public var description: String {
        switch self {
        case .unknown(let text):
            "The model has no token '\(text)' and no adapter that was trained with it. Train one with 'theriac train "
                + "control-token' and give it as --adapter, or set 'text' to what the model knows."
        }
    }
}
