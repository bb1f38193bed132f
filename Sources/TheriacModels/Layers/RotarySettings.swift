import TheriacOptions

/// The rotary positions of a checkpoint, as `rope_parameters` of transformers 5 or `rope_scaling` and `rope_theta` of 4
/// say them.
struct RotarySettings: Equatable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case `default`, linear, dynamic, yarn, llama3, longrope
    }

    var kind = Kind.default
    var theta: Double
    /// The share of a head that is turned.
    var share = 1.0
    var factor: Double?
    /// Tokens the model was first trained with.
    var original: Int?
    var attentionFactor: Double?
    var betaFast = 32.0
    var betaSlow = 1.0
    /// `mscale` and `mscale_all_dim`.
    var scale: Double?
    var scaleOfAll: Double?
    var truncates = true
    var lowFactor: Double?
    var highFactor: Double?
    var shortFactors: [Double]?
    var longFactors: [Double]?

    /// - Parameters:
    ///   - theta: where the configuration has none; `share` alike.
    ///   - layerType: the part of `rope_parameters` that counts, when it is kept by type of layer.
    ///   - aliases: names of a kind that the family uses for another, such as `su`.
    init(
        _ fields: inout OptionFields, theta: Double, share: Double = 1, layerType: String = "full_attention",
        aliases: [String: Kind] = [:]
    ) throws {
        self.theta = theta
        self.share = share
        try fields.read("rope_theta", into: &self.theta, in: 1...1e12)
        try fields.read("partial_rotary_factor", into: &self.share, in: 0...1)
        var outer: Int?
        try fields.read("original_max_position_embeddings", into: &outer, in: 1...100_000_000)
        if var group = try Self.group(&fields, layerType) { try read(&group, aliases) }
        original = outer ?? original
    }

    /// Settings without a group.
    init(theta: Double) { self.theta = theta }

    /// `rope_scaling` counts before `rope_parameters`, as in transformers.
    private static func group(_ fields: inout OptionFields, _ layerType: String) throws -> OptionFields? {
        let old = try fields.fields("rope_scaling")
        let new = try fields.fields("rope_parameters")
        guard var group = [old, new].compactMap({ $0 }).first(where: { !$0.names.isEmpty }) else {
            return nil
        }
        let isByLayer = group.names.contains { $0.hasSuffix("_attention") }
        return isByLayer ? try group.fields(layerType) : group
    }

    private mutating func read(_ group: inout OptionFields, _ aliases: [String: Kind]) throws {
        var name: String?
        var oldName: String?
        try group.read("rope_type", into: &name)
        try group.read("type", into: &oldName)
        let word = name ?? oldName ?? Kind.default.rawValue
        guard let kind = aliases[word] ?? Kind(rawValue: word) else {
            throw ModelError.unsupportedSetting(
                "rope_type \(word)",
                reason: "known are \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.kind = kind
        try group.read("rope_theta", into: &theta, in: 1...1e12)
        try group.read("partial_rotary_factor", into: &share, in: 0...1)
        try group.read("factor", into: &factor, in: 1...1e6)
        try group.read("original_max_position_embeddings", into: &original, in: 1...100_000_000)
        try group.read("attention_factor", into: &attentionFactor, in: 0...1e6)
        var fast: Double?
        var slow: Double?
        try group.read("beta_fast", into: &fast, in: 0...1e6)
        try group.read("beta_slow", into: &slow, in: 0...1e6)
        // Zero is as absent in transformers.
        if let fast, fast > 0 { betaFast = fast }
        if let slow, slow > 0 { betaSlow = slow }
        try group.read("mscale", into: &scale, in: 0...1e6)
        try group.read("mscale_all_dim", into: &scaleOfAll, in: 0...1e6)
        try group.read("truncate", into: &truncates)
        try group.read("low_freq_factor", into: &lowFactor, in: 1e-6...1e6)
        try group.read("high_freq_factor", into: &highFactor, in: 1e-6...1e6)
        try group.read("short_factor", into: &shortFactors)
        try group.read("long_factor", into: &longFactors)
        // A note of old files about their training.
        _ = group.value("finetuned")
        try group.finish()
    }

    func required(_ value: KeyPath<Self, Double?>, _ name: String) throws -> Double {
        guard let value = self[keyPath: value] else {
            throw ModelError.unsupportedSetting(
                "rope_type \(kind.rawValue) without \(name)", reason: "its configuration must say it")
        }
        return value
    }
}
