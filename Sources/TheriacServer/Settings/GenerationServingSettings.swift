internal import Foundation
public import TheriacDetox
public import TheriacOptions

/// Which language model is served, how, and within what bounds. Without a model nothing is generated.
public struct GenerationServingSettings: Options, Equatable {
    /// A model folder, or a shipped model; nil serves none.
    public var model: String?
    /// As clients see it; nil: the folder's name.
    public var name: String?
    /// Adapters by the name that clients use as `model`: folders in PEFT's layout. Each is a copy of the model with the
    /// adapter merged.
    public var adapters: [String: String] = [:]
    /// Decoding-time methods for requests that name none, in order.
    public var chain: [DecodingStep] = []
    /// Whether requests may choose methods themselves. They can name shipped files only.
    public var requestChains = true
    /// `fp32`, `bf16` or `fp16`; nil as the model is stored.
    public var precision: String?
    /// `cpu` or `cuda:0`.
    public var device = "cpu"
    /// Rows written together.
    public var batchRows = 64
    /// Gigabytes (2³⁰ bytes) that caches and logits of all chains together may take.
    public var memory = 4.0
    /// Different chains kept ready. The one that was idle longest makes room for the next.
    public var chains = 4
    /// Continuations that may wait; more are refused.
    public var queue = 256
    /// Continuations one request may ask for, drafts of methods included.
    public var rowsPerRequest = 128
    /// Tokens a continuation may have; nil: what the model's context leaves.
    public var maxTokens: Int?
    /// How long a request may take, waiting included.
    public var deadlineSeconds = 300.0

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("model", into: &model)
        try fields.read("name", into: &name)
        try fields.read("adapters", into: &adapters)
        try fields.read("chain", into: &chain)
        try fields.read("request-chains", into: &requestChains)
        try fields.read("precision", into: &precision)
        try fields.read("device", into: &device)
        try fields.read("batch-rows", into: &batchRows, in: 1...100_000)
        try fields.read("memory", into: &memory, in: 0.001...1e6)
        try fields.read("chains", into: &chains, in: 1...1000)
        try fields.read("queue", into: &queue, in: 1...1_000_000)
        try fields.read("rows-per-request", into: &rowsPerRequest, in: 1...100_000)
        try fields.read("max-tokens", into: &maxTokens, in: 1...1_000_000)
        try fields.read("deadline-seconds", into: &deadlineSeconds, in: 0.001...86_400)
        if model == nil, !adapters.isEmpty || !chain.isEmpty {
            throw .refused(
                path: fields.pathOf("model"),
                reason: "adapters or a chain are given, but no model; name one")
        }
    }

    var deadline: Duration { .seconds(deadlineSeconds) }

    /// Paths in a file start from the file; a name without a slash may be a shipped one and stays.
    mutating func resolve(relativeTo folder: URL) {
        func resolved(_ path: String) -> String {
            guard path.contains("/"), !path.hasPrefix("/") else { return path }
            if path.hasPrefix("~") { return NSString(string: path).expandingTildeInPath }
            return folder.appendingPathComponent(path).standardizedFileURL.path
        }
        model = model.map(resolved)
        adapters = adapters.mapValues(resolved)
    }
}
