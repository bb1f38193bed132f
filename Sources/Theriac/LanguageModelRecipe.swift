public import TheriacModels
public import TheriacOptions
public import TheriacTraining

/// What `theriac train lm` does: which model, on which text, how.
public struct LanguageModelRecipe: Options, Equatable {
    /// A file of documents, and which of them count how much.
    public struct Corpus: Options, Equatable {
        /// Documents separated by blank lines, `.txt` or `.txt.gz`; relative to the recipe.
        public var file = ""
        /// The source of each document, one a line.
        public var index: String?
        /// Weight of each source; 0.5 takes every second document. Empty: all documents.
        public var sources: [String: Double] = [:]

        public init() {}

        public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            file = try fields.require("file", as: String.self)
            try fields.read("index", into: &index)
            guard case .object(let weights)? = fields.value("sources") else { return }
            for (name, weight) in weights {
                sources[name] = try Double.read(
                    weight, path: fields.pathOf("sources.\(name)"), source: fields.source)
            }
            if index == nil {
                throw .refused(
                    path: fields.pathOf("sources"), reason: "choosing sources needs an 'index' file")
            }
        }
    }

    /// A checkpoint to go on from; nil starts from scratch.
    public var base: String?
    /// `config.json` of a model from scratch.
    public var configuration: OptionValue?
    /// The folder with the tokenizer of a model from scratch.
    public var tokenizer: String?
    public var corpora: [Corpus] = []
    /// Text whose perplexity is measured at the end.
    public var validation: String?
    public var blockLength = 128
    /// Trains a LoRA adapter instead of all weights.
    public var adapter: LoRASettings?
    public var training = TrainingSettings()
    /// The type weights are stored in.
    public var store = Precision.bf16

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("base", into: &base)
        configuration = fields.value("config")
        try fields.read("tokenizer", into: &tokenizer)
        corpora = try fields.require("corpora", as: [Corpus].self)
        try fields.read("validation", into: &validation)
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
        try fields.read("adapter", into: &adapter)
        try fields.read("training", into: &training)
        try fields.read("store", into: &store)
        if base == nil, configuration == nil || tokenizer == nil {
            throw .refused(
                path: fields.pathOf("base"),
                reason: "give 'base' (a model folder), or 'config' and 'tokenizer' for a model from scratch")
        }
        if base != nil, configuration != nil || tokenizer != nil {
            throw .refused(
                path: fields.pathOf("base"),
                reason: "'base' brings its own config and tokenizer; remove those")
        }
        if adapter != nil, base == nil {
            throw .refused(path: fields.pathOf("adapter"), reason: "an adapter needs a 'base' to adapt")
        }
    }
}
