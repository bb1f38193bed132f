public import TheriacDetox
public import TheriacGeneration
public import TheriacOptions
public import TheriacModels
public import TheriacRemote
internal import TheriacTraining

/// What `theriac run` does: one model, several treatments, one judge. Every field has a default, and all defaults
/// together are the bundled demonstration.
public struct RunRecipe: Options, Equatable {
    /// One row of the comparison.
    public struct Arm: Options, Equatable {
        /// Unique, kebab-case.
        public var name = ""
        /// As readers see it; nil makes one of the name.
        public var title: String?
        /// A treatment of `training`, by its name there; nil leaves the model as it is.
        public var training: String?
        /// A LoRA adapter that is worn, made beforehand: a folder, or the name of a shipped expert. Not with `training`.
        public var adapter: String?
        /// Decoding-time methods, in order.
        public var decoding: [DecodingStep] = []

        public init() {}

        init(name: String, title: String, training: String? = nil, decoding: [DecodingStep] = []) {
            self.name = name
            self.title = title
            self.training = training
            self.decoding = decoding
        }

        public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            try fields.read("name", into: &name)
            try fields.read("title", into: &title)
            try fields.read("training", into: &training)
            try fields.read("adapter", into: &adapter)
            try fields.read("decoding", into: &decoding)
            guard training == nil || adapter == nil else {
                throw .refused(
                    path: fields.pathOf("adapter"),
                    reason: "an arm's training makes the adapter it wears; name one of the two")
            }
            if !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "-+._".contains($0) }) {
                return
            }
            throw .refused(
                path: fields.pathOf("name"), reason: "an arm's name holds letters, digits and - + . _ only")
        }
    }

    public var title = "The bundled model before and after"
    /// A model folder, the name of a shipped model, or a server's address with the model's name behind a `#`.
    public var model = "theriac-lm"
    /// How to speak to a model behind a server.
    public var server = RemoteSettings()
    public var precision = Precision.bf16
    public var device = "cpu"
    /// Prompt file; nil takes the shipped prompts.
    public var prompts: String?
    /// Prompts taken, evenly spread; 0 takes all.
    public var limit = 200
    /// Detectors: the one that grades, and the one that labels and filters. Folders or shipped names.
    public var judge = "judge"
    public var steer = "steer"
    /// Text people wrote, for corpus perplexity; nil takes the shipped text, "" leaves it out.
    public var corpus: String?
    /// Texts for fluency by the groups of people they mention: a file, or a public data set; nil takes the corpus, "" leaves
    /// it out.
    public var groupText: String?
    /// The model whose likelihoods measure fluency; nil takes the untreated model itself.
    public var perplexityModel: String?
    public var generation = GenerationSettings()
    /// Treatments by name.
    public var training: [String: SelfGeneratedTrainingSettings] = ["sgeat": Self.demonstrationTraining]
    public var arms: [Arm] = Self.demonstrationArms
    /// Further arms: a method with some of its settings varied.
    public var grid: [GridEntry] = []
    /// Grade with a judge that took part, and mark the results.
    public var allowsDependentJudge = false

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("title", into: &title)
        try fields.read("model", into: &model)
        try fields.read("server", into: &server)
        try fields.read("precision", into: &precision)
        try fields.read("device", into: &device)
        try fields.read("prompts", into: &prompts)
        try fields.read("limit", into: &limit, in: 0...100_000_000)
        try fields.read("judge", into: &judge)
        try fields.read("steer", into: &steer)
        try fields.read("corpus", into: &corpus)
        try fields.read("group-text", into: &groupText)
        try fields.read("perplexity-model", into: &perplexityModel)
        try fields.read("generation", into: &generation)
        try fields.read("training", into: &training)
        try fields.read("arms", into: &arms)
        try fields.read("grid", into: &grid)
        arms += grid.flatMap(\.arms)
        try fields.read("allow-dependent-judge", into: &allowsDependentJudge)
        try check(fields)
        try checkServer(fields)
    }

    /// A model behind a server is measured as it is.
    private func checkServer(_ fields: OptionFields) throws(OptionsError) {
        guard RemoteAddress.isAddress(model) else { return }
        for arm in arms where arm.training != nil || arm.adapter != nil || !arm.decoding.isEmpty {
            throw .refused(
                path: fields.pathOf("arms.\(arm.name)"),
                reason:
                    "training, adapters and decoding methods need the model's weights or logits, and a server gives text "
                    + "only; name arms without them, or a local checkpoint")
        }
    }

    private func check(_ fields: OptionFields) throws(OptionsError) {
        guard !arms.isEmpty else {
            throw .refused(
                path: fields.pathOf("arms"),
                reason: "there is no arm; name at least one, such as {name: base}")
        }
        var seen: Set<String> = []
        for arm in arms {
            guard seen.insert(arm.name).inserted else {
                throw .refused(path: fields.pathOf("arms"), reason: "two arms are called '\(arm.name)'")
            }
            guard let wanted = arm.training, training[wanted] == nil else { continue }
            let known = training.keys.sorted()
            throw .unknownChoice(
                path: fields.pathOf("arms.\(arm.name).training"), found: wanted, choices: known,
                suggestion: nearestName(to: wanted, among: known))
        }
    }

    private static var demonstrationTraining: SelfGeneratedTrainingSettings {
        SelfGeneratedTrainingSettings()
    }

    private static var demonstrationArms: [Arm] {
        let filter = (try? DecodingStep(name: "word-filter")).map { [$0] } ?? []
        return [
            Arm(name: "base", title: "untreated"),
            Arm(name: "word-filter", title: "word filter", decoding: filter),
            Arm(name: "sgeat", title: "SGEAT", training: "sgeat"),
            Arm(name: "sgeat+word-filter", title: "SGEAT + word filter", training: "sgeat", decoding: filter),
        ]
    }
}
