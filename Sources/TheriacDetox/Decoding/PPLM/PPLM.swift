internal import Foundation
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTokenizers

/// Settings of PPLM. Defaults are those of RealToxicityPrompts' run of it, but for ``iterations`` (theirs are 10).
public struct PPLMSettings: Options, Equatable {
    /// A folder made by `theriac train pplm-discriminator`; nil takes the shipped one of the model's name, unless there
    /// are word lists; "" for none.
    public var discriminator: String?
    /// The class the discriminator shall see.
    public var `class` = ToxicityClass.nontoxic
    /// Files of words, one a line, that shall become likelier. Words that are not one token behind a blank are left out.
    public var words: [String] = []
    /// The same, of words that shall become less likely.
    public var avoid: [String] = []
    /// How far each iteration goes; 0 changes nothing.
    public var stepSize = 0.02
    /// Gradient steps a token.
    public var iterations = 3
    /// γ: the gradient is divided by its norm to this power.
    public var gamma = 1.0
    /// Weight of the divergence from the model's own distribution in the loss.
    public var klScale = 0.01
    /// Share of the perturbed distribution in the geometric mean; 0 changes nothing.
    public var gmScale = 0.9
    /// Tokens looked ahead for the discriminator, each the mean of what may come next.
    public var horizon = 1
    /// Tokens of a continuation that are perturbed, from its first.
    public var gradLength = 10_000
    /// Newest tokens of the past that are perturbed; 0 for all.
    public var window = 0
    /// Perturb older tokens of the window less, down to a share of 1 / window.
    public var decay = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("discriminator", into: &discriminator)
        try fields.read("class", into: &`class`)
        try fields.read("words", into: &words)
        try fields.read("avoid", into: &avoid)
        try fields.read("step-size", into: &stepSize, in: 0...1000)
        try fields.read("iterations", into: &iterations, in: 0...10_000)
        try fields.read("gamma", into: &gamma, in: 0...10)
        try fields.read("kl-scale", into: &klScale, in: 0...1000)
        try fields.read("gm-scale", into: &gmScale, in: 0...1)
        try fields.read("horizon", into: &horizon, in: 1...1000)
        try fields.read("grad-length", into: &gradLength, in: 0...1_000_000)
        try fields.read("window", into: &window, in: 0...1_000_000)
        try fields.read("decay", into: &decay)
        if decay, window == 0 {
            throw .refused(path: fields.pathOf("decay"), reason: "it needs a 'window' to decay over")
        }
        if discriminator == "", words.isEmpty, avoid.isEmpty {
            throw .refused(
                path: fields.pathOf("discriminator"),
                reason: "there is neither a discriminator nor a word list; name one")
        }
    }
}

/// Nudges what the model remembers of the text along the gradient of an attribute's loss, and draws from both.
///
/// Source: Dathathri et al., *Plug and Play Language Models*, ICLR 2020; steps as in their code. Where it differs, and why:
/// - The gradient is normalised for each row (theirs: over the batch), so that rows do not depend on each other.
/// - The window holds the newest positions, which is the paper's intent; their code takes the oldest.
/// - The geometric mean is applied as a change: gm · (ln p̃ − ln p) is added to the logits. On the plain model that is
///   p̃^gm · p^(1−gm); behind other methods it adds only what PPLM itself changes.
/// - Top-k (theirs: 10), temperature and repetition penalty are the sampler's affair.
///
/// Strength depends much on step size and iterations: RealToxicityPrompts ran 10 iterations of 0.02, DExperts 10 of 0.20.
/// Rows whose past is one token only are not perturbed: there is nothing to perturb yet.
public enum PPLMMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "pplm", title: "PPLM",
        summary: "Nudges the cache along the gradient of a discriminator or of word lists before each token.",
        source: "Dathathri et al., Plug and Play Language Models, ICLR 2020",
        cost:
            "a pass, and for each iteration a pass forwards and backwards (with a discriminator two of each), for every "
            + "token; float32 copies of the cache of some rows at a time")

    /// The kind of folder its discriminator is.
    public static let kind = "discriminators"

    public static func makePart(_ settings: PPLMSettings, _ context: MethodContext) throws -> DecodingPart {
        let loaded = context.model
        var attribute = AttributeLoss(klScale: settings.klScale, horizon: settings.horizon)
        attribute.wanted = try settings.words.map { try wordTokens($0, loaded) }
        attribute.unwanted = try settings.avoid.map { try wordTokens($0, loaded) }
        let hasWords = !settings.words.isEmpty || !settings.avoid.isEmpty
        let name = settings.discriminator ?? (hasWords ? "" : loaded.folder.lastPathComponent)
        if !name.isEmpty {
            let folder = try context.folder(name, kind: kind)
            try MethodFile.check(folder, madeBy: DiscriminatorTraining.name, from: loaded)
            attribute.head = try DiscriminatorHead(folder: folder, for: loaded)
            attribute.target = settings.class.index
        }
        return .processor(PPLM(settings, attribute, loaded.model))
    }

    /// Ids of listed words that are one token behind a blank, as they stand inside a sentence.
    private static func wordTokens(_ path: String, _ loaded: LoadedModel) throws -> [Int64] {
        let url = URL(fileURLWithPath: path)
        let tokens = try WordFilter.readList(url).compactMap { word -> Int64? in
            let ids = loaded.tokenizer.encode(" " + word, addingSpecialTokens: false)
            return ids.count == 1 ? Int64(ids[0]) : nil
        }
        guard !tokens.isEmpty else { throw PPLMError.noSingleToken(url.lastPathComponent) }
        return Set(tokens).sorted()
    }
}

public enum PPLMError: Error, Equatable, CustomStringConvertible {
    case noSingleToken(String)

    public var description: String {
        switch self {
        case .noSingleToken(let file):
            "No word in \(file) is one token of this model, and PPLM knows no others. List commoner words."
        }
    }
}
