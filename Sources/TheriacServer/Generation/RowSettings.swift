internal import Foundation
internal import TheriacDetox
internal import TheriacFiles
internal import TheriacGeneration

/// What completions and chats have in common: how tokens are drawn, when texts end, which methods they go through.
struct RowSettings {
    /// Everything but prompt, samples, tokens and log-probabilities.
    var order = GenerationOrder(id: "", tokens: [])
    var samples = 1
    var card: ModelCard
    var choice: ChainChoice
    var streams = false
    var includesUsage = false

    /// - Throws: ``OpenAIError``.
    init(_ fields: inout BodyFields, _ host: GenerationHost) throws {
        let facts = host.facts
        card = facts.base
        if let name = try fields.text("model") {
            guard let found = facts.card(name) else { throw OpenAIError.noModel(name) }
            card = found
        }
        samples = try fields.integer("n", in: 1...host.settings.rowsPerRequest) ?? 1
        let temperature = try fields.number("temperature", in: 0...100) ?? 1
        order.sampling.isGreedy = temperature < 1e-3
        order.sampling.temperature = order.sampling.isGreedy ? 1 : temperature
        order.sampling.topP = try fields.number("top_p", in: 0...1) ?? 1
        // Others say −1 for all.
        order.sampling.topK = max(0, try fields.integer("top_k", in: -1...10_000_000) ?? 0)
        order.seed =
            try fields.integer("seed", in: .min ... .max).map { UInt64(bitPattern: Int64($0)) }
            // As large as every reader of JSON can hold.
            ?? UInt64.random(in: 0..<1 << 53)
        try Self.readAdjustments(&fields, facts, into: &order.adjustments)
        order.stops = try Self.stops(&fields)
        order.stopTokens = Set(
            try fields.tokens("stop_token_ids", vocabulary: facts.vocabulary) ?? [])
        order.ignoresEndOfText = try fields.bool("ignore_eos") ?? false
        if !order.ignoresEndOfText { order.stopTokens.formUnion(facts.endOfText) }
        streams = try fields.bool("stream") ?? false
        switch fields.value("stream_options") {
        case nil: break
        case .object(let members)?:
            guard streams else {
                throw OpenAIError.invalid("stream_options", "It goes with 'stream': true only.")
            }
            var options = BodyFields(members)
            includesUsage = try options.bool("include_usage") ?? false
            options.ignore(["include_obfuscation", "continuous_usage_stats"])
            try options.finish()
        default: throw OpenAIError.wrongType("stream_options", expected: "an object")
        }
        choice = ChainChoice(adapter: nil, steps: [])
        try readChoice(&fields, host)
        try fields.refuse("min_p", unless: [.integer(0), .number(0)])
        try fields.refuse("use_beam_search", unless: [.bool(false)])
        try fields.refuse("prompt_logprobs")
        try fields.refuse("detox")
        fields.ignore([
            "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "priority",
            "skip_special_tokens", "spaces_between_special_tokens", "do_sample", "request_id",
        ])
    }

    private static func readAdjustments(
        _ fields: inout BodyFields, _ facts: ModelFacts, into adjustments: inout LogitAdjustments
    ) throws {
        adjustments.frequencyPenalty = Float(try fields.number("frequency_penalty", in: -2...2) ?? 0)
        adjustments.presencePenalty = Float(try fields.number("presence_penalty", in: -2...2) ?? 0)
        adjustments.repetitionPenalty = Float(try fields.number("repetition_penalty", in: 0.01...100) ?? 1)
        adjustments.minNewTokens = try fields.integer("min_tokens", in: 0...1_000_000) ?? 0
        switch fields.value("logit_bias") {
        case nil: break
        case .object(let members)?:
            for (token, value) in members {
                guard let id = Int32(token), (0..<facts.vocabulary).contains(Int(id)) else {
                    throw OpenAIError.invalid(
                        "logit_bias", "Its keys are token ids from 0 to \(facts.vocabulary - 1).")
                }
                guard let bias = value.double, (-100...100).contains(bias) else {
                    throw OpenAIError.invalid("logit_bias", "Its values are numbers from -100 to 100.")
                }
                // A hundred means never, whatever the logits are.
                adjustments.bias[id] = bias == -100 ? -.infinity : Float(bias)
            }
        default: throw OpenAIError.wrongType("logit_bias", expected: "an object of token ids and numbers")
        }
    }

    private static func stops(_ fields: inout BodyFields) throws -> [String] {
        let stops: [String]
        switch fields.value("stop") {
        case nil: return []
        case .string(let text)?: stops = [text]
        case .array(let elements)?:
            stops = elements.compactMap(\.text)
            guard stops.count == elements.count else {
                throw OpenAIError.wrongType("stop", expected: "a string or a list of strings")
            }
        default: throw OpenAIError.wrongType("stop", expected: "a string or a list of strings")
        }
        guard stops.count <= 64 else { throw OpenAIError.invalid("stop", "It holds at most 64 strings.") }
        guard stops.allSatisfy({ $0.utf8.count <= 1000 }) else {
            throw OpenAIError.invalid("stop", "A string in it has at most 1000 bytes.")
        }
        return stops.filter { !$0.isEmpty }
    }

    /// `theriac`: a chain and an adapter; without a chain the configured one.
    private mutating func readChoice(_ fields: inout BodyFields, _ host: GenerationHost) throws {
        choice = ChainChoice(adapter: card.adapter, steps: host.settings.chain)
        switch fields.value("theriac") {
        case nil: break
        case .object(let members)?:
            var fields = BodyFields(members)
            if let chain = fields.value("chain") {
                guard host.settings.requestChains else {
                    throw RequestedChain.refused("this server's operator has fixed it.")
                }
                choice = ChainChoice(
                    adapter: card.adapter, steps: try RequestedChain.read(chain, assets: host.assets))
            }
            if let name = try fields.text("adapter") {
                guard let found = host.facts.cards.first(where: { $0.adapter == name }) else {
                    let known = host.facts.cards.compactMap(\.adapter)
                    throw OpenAIError.invalid(
                        "theriac.adapter",
                        known.isEmpty
                            ? "This server has no adapters."
                            : "It must be one of \(known.joined(separator: ", ")).")
                }
                guard card.adapter == nil || card.adapter == name else {
                    throw OpenAIError.invalid("theriac.adapter", "'model' names another adapter.")
                }
                card = found
                choice = ChainChoice(adapter: name, steps: choice.steps)
            }
            try fields.finish()
        default: throw OpenAIError.wrongType("theriac", expected: "an object")
        }
    }
}
