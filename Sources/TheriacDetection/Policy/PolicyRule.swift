public import TheriacCorpora
public import TheriacOptions

/// From which score of an attribute on what is done: `{ attribute: threat, from: 0.9, action: refuse }`.
public struct PolicyRule: Options, Equatable {
    /// Any of these suffices.
    public var attributes: [Attribute] = []
    /// The lowest score it applies to, 0...1.
    public var from: Double = 0
    /// Takes the community's learnt threshold in place of `from`, where there is one.
    public var isLearnt = false
    public var reaction = PolicyReaction()

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        var one: String?
        var several: [String] = []
        try fields.read("attribute", into: &one)
        try fields.read("attributes", into: &several)
        if one != nil, !several.isEmpty {
            throw .refused(
                path: fields.pathOf("attributes"), reason: "give either 'attribute' or 'attributes'")
        }
        guard one != nil || !several.isEmpty else {
            throw .missing(name: "attribute", path: fields.path, source: fields.source)
        }
        attributes = []
        for name in one.map({ [$0] }) ?? several {
            attributes.append(
                try Attribute.named(name, path: fields.pathOf(one == nil ? "attributes" : "attribute")))
        }
        from = try fields.require("from")
        try fields.read("from", into: &from, in: 0...1)
        try fields.read("learnt", into: &isLearnt)
        guard fields.names.contains("action") else {
            throw .missing(name: "action", path: fields.path, source: fields.source)
        }
        try reaction.read(&fields)
    }

    /// The attribute that makes the rule apply, with its score and the threshold: of several the one furthest above.
    func match(
        _ scores: AttributeScores, learnt: [Attribute: Double]
    ) -> (attribute: Attribute, score: Double, threshold: Double)? {
        var found: (attribute: Attribute, score: Double, threshold: Double)?
        for attribute in attributes {
            guard let single = scores[attribute] else { continue }
            // A score is single precision: 0.8 must reach a threshold written as 0.8.
            let threshold = (isLearnt ? learnt[attribute] : nil) ?? from
            guard single >= Float(threshold) else { continue }
            let score = Double(single)
            if let best = found, best.score - best.threshold >= score - threshold { continue }
            found = (attribute, score, threshold)
        }
        return found
    }

    /// Such as `toxicity or insult from 0.8`.
    var condition: String {
        attributes.map(\.rawValue).joined(separator: " or ") + " from "
            + (isLearnt ? "the community's threshold, else \(from)" : "\(from)")
    }

    /// Whether this rule, standing before `later`, leaves nothing for it.
    func shadows(_ later: PolicyRule) -> Bool {
        guard !isLearnt, !later.isLearnt, from <= later.from else { return false }
        return later.attributes.allSatisfy(attributes.contains)
    }
}

/// The rules of the two stages, and what is done with texts that could not be scored.
public struct PolicyRules: Equatable, Sendable {
    /// The first that applies is followed; when none does, the text passes.
    public var input: [PolicyRule]?
    public var output: [PolicyRule]?
    /// A text without a score is not a clean text.
    public var unscored: [PolicyStage: PolicyReaction] = [:]

    public init() {}

    public subscript(_ stage: PolicyStage) -> [PolicyRule]? { stage == .input ? input : output }

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("input", into: &input)
        try fields.read("output", into: &output)
        for stage in PolicyStage.allCases {
            try check(self[stage] ?? [], stage, fields.pathOf(stage.rawValue))
        }
        guard var group = try fields.fields("unscored") else { return }
        for stage in PolicyStage.allCases {
            guard let value = group.value(stage.rawValue) else { continue }
            let path = group.pathOf(stage.rawValue)
            if case .string = value {
                let action = try PolicyAction.read(value, path: path, source: group.source)
                unscored[stage] = try PolicyReaction(
                    .object(["action": action.option]), path: path, source: group.source)
            } else {
                unscored[stage] = try PolicyReaction(value, path: path, source: group.source)
            }
            if unscored[stage]?.action.isRepeatable == true {
                throw .refused(
                    path: path,
                    reason:
                        "a text without a score cannot be resampled or rewritten until its score is better")
            }
        }
        try group.finish()
    }

    private func check(_ rules: [PolicyRule], _ stage: PolicyStage, _ path: String) throws(OptionsError) {
        for (place, rule) in rules.enumerated() {
            if stage == .input, rule.reaction.action == .resample {
                throw .refused(
                    path: "\(path)[\(place)].action",
                    reason: "what a user wrote cannot be resampled; use it under 'output'")
            }
            for (earlier, other) in rules[..<place].enumerated() where other.shadows(rule) {
                throw .refused(
                    path: "\(path)[\(place)]",
                    reason:
                        "it is never reached, because \(path)[\(earlier)] stands before it and applies from "
                        + "\(other.from) on; put the higher threshold first")
            }
        }
    }
}

/// Rules for some keys or communities, in place of the common ones.
public struct PolicyOverride: Options, Equatable {
    /// Labels of keys, and names of communities; a `*` at the end stands for any ending. Where both are given, both must
    /// fit.
    public var keys: [String] = []
    public var communities: [String] = []
    /// A stage that it does not mention is as in the common rules.
    public var rules = PolicyRules()

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("keys", into: &keys)
        try fields.read("communities", into: &communities)
        if keys.isEmpty, communities.isEmpty {
            throw .refused(path: fields.path, reason: "it is for nobody: give 'keys' or 'communities'")
        }
        try rules.read(&fields)
    }

    func applies(to subject: PolicySubject) -> Bool {
        Self.fits(subject.key, keys) && Self.fits(subject.community, communities)
    }

    private static func fits(_ name: String?, _ patterns: [String]) -> Bool {
        guard !patterns.isEmpty else { return true }
        guard let name else { return false }
        return patterns.contains { $0.last == "*" ? name.hasPrefix($0.dropLast()) : name == $0 }
    }
}

/// Who is asking.
public struct PolicySubject: Sendable, Equatable {
    /// The label of the key; nil without one.
    public var key: String?
    public var community: String?

    public static let anyone = PolicySubject()

    public init(key: String? = nil, community: String? = nil) {
        self.key = key
        self.community = community
    }
}
