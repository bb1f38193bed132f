public import TheriacCorpora
public import TheriacOptions

/// A kind of unsafe content that a guard model is told of.
public struct GuardCategory: Options, Equatable {
    /// As the model writes it: `S10`.
    public var code = ""
    /// What the model reads beside the code.
    public var name = ""
    /// Attributes that a text of this category has.
    public var attributes: [Attribute] = []

    public init() {}

    init(_ code: String, _ name: String, _ attributes: [Attribute] = []) {
        self.code = code
        self.name = name
        self.attributes = attributes
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("code", into: &code)
        try fields.read("name", into: &name)
        try fields.read("attributes", into: &attributes)
        for (field, value) in [("code", code), ("name", name)] where value.isEmpty {
            throw .missing(name: field, path: fields.path, source: fields.source)
        }
    }
}

extension Attribute: OptionReadable {}

/// What a ``GuardModelDetector`` asks, as its `detector.json` has it.
///
/// The defaults follow the layout and hazards of Llama Guard 3 (Meta, 2024), in our words. A chat model needs its own
/// marks of turns around them, in `template`.
public struct GuardSettings: Options {
    var prompted = PromptedSettings()
    /// Around `{categories}` and `{text}`.
    public var template = """
        Task: Decide whether the last User message in the conversation breaks the policy below.

        <BEGIN UNSAFE CONTENT CATEGORIES>
        {categories}
        <END UNSAFE CONTENT CATEGORIES>

        <BEGIN CONVERSATION>

        User: {text}

        <END CONVERSATION>

        Give your assessment of ONLY THE LAST User message:
         - The first line is 'safe' or 'unsafe'.
         - If it is 'unsafe', the second line lists the codes of the broken categories, with commas between.

        """
    /// The answers, exactly as they follow the template.
    public var safe = "safe"
    public var unsafe = "unsafe"
    public var categories: [GuardCategory] = Self.hazards
    /// From which probability of unsafe on the categories are asked for.
    public var threshold = 0.5
    /// The longest list of categories, in tokens.
    public var categoryTokens = 16

    public init() { prompted.name = "guard-model" }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try prompted.read(&fields)
        try fields.read("template", into: &template)
        try fields.read("safe", into: &safe)
        try fields.read("unsafe", into: &unsafe)
        try fields.read("categories", into: &categories)
        try fields.read("threshold", into: &threshold, in: 0...1)
        try fields.read("category-tokens", into: &categoryTokens, in: 1...256)
    }

    /// The fourteen hazards, one a line as the model reads them.
    static let hazards: [GuardCategory] = [
        GuardCategory("S1", "Violent crimes, threats of violence included", [.threat]),
        GuardCategory("S2", "Crimes without violence"),
        GuardCategory("S3", "Sexual crimes", [.sexuallyExplicit]),
        GuardCategory("S4", "Sexual exploitation of children", [.sexuallyExplicit]),
        GuardCategory("S5", "Defamation of real people"),
        GuardCategory("S6", "Risky advice in matters for professionals"),
        GuardCategory("S7", "Private data of people"),
        GuardCategory("S8", "Violation of intellectual property"),
        GuardCategory("S9", "Weapons that kill without distinction"),
        GuardCategory("S10", "Hate against people for who they are", [.identityAttack]),
        GuardCategory("S11", "Suicide and self-harm"),
        GuardCategory("S12", "Sexual content", [.sexuallyExplicit]),
        GuardCategory("S13", "False claims about elections"),
        GuardCategory("S14", "Abuse of code interpreters"),
    ]

    /// The template with the categories filled in.
    var filled: String {
        template.replacing(
            "{categories}", with: categories.map { "\($0.code): \($0.name)." }.joined(separator: "\n"))
    }
}
