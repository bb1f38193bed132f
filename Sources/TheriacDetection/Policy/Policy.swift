public import Foundation
public import TheriacCorpora
public import TheriacOptions

/// What is done with inputs and outputs of a guarded model, by attribute and threshold: a YAML file that carries its own
/// tests (``PolicyTest``).
///
/// ```yaml
/// detector: judge
/// screen: { detector: steer, below: 0.1 }
/// safe-replies:
///   another-topic: ["Let us talk about something else. What are you reading?"]
/// input:
///   - { attribute: threat, from: 0.9, action: refuse }
///   - { attribute: toxicity, from: 0.8, action: safe-reply, reply: another-topic }
/// output:
///   - { attribute: toxicity, from: 0.5, action: resample, tries: 3, otherwise: safe-reply, reply: another-topic }
/// unscored: { output: refuse }
/// overrides:
///   - keys: [research]
///     input: []
/// tests:
///   - { stage: input, scores: { threat: 0.95 }, expect: refuse }
/// ```
///
/// The rules of a stage are tried from the first to the last, and the first that applies is followed. Of the overrides the
/// first that fits the asker counts.
public struct Policy: Options, Equatable {
    /// The detector whose scores the thresholds mean; tests score texts with it.
    public var detector: String?
    /// A quick detector that looks before it; nil: every text is shown to `detector`.
    public var screen: PolicyScreen?
    /// Sentences to answer with, several variants a name.
    public var safeReplies: [String: [String]] = [:]
    public var rules = PolicyRules()
    public var overrides: [PolicyOverride] = []
    public var tests: [PolicyTest] = []

    /// Lets everything through, and flags what could not be scored.
    public init() {}

    /// Reads and checks a file.
    /// - Throws: ``OptionsError`` naming the key.
    public init(file: URL) throws(OptionsError) {
        try self.init(OptionValue(yamlFile: file), source: file.path)
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("detector", into: &detector)
        try fields.read("screen", into: &screen)
        try fields.read("safe-replies", into: &safeReplies)
        for (name, variants) in safeReplies.sorted(by: { $0.key < $1.key })
        where variants.isEmpty || variants.contains("") {
            throw .refused(
                path: fields.pathOf("safe-replies.\(name)"),
                reason: "it needs at least one sentence, none of them empty")
        }
        try rules.read(&fields)
        try checkReplies(rules, fields.path)
        try fields.read("overrides", into: &overrides)
        for (place, override) in overrides.enumerated() {
            try checkReplies(override.rules, fields.pathOf("overrides[\(place)]"))
        }
        try fields.read("tests", into: &tests)
    }

    private func checkReplies(_ rules: PolicyRules, _ path: String) throws(OptionsError) {
        let prefix = path.isEmpty ? "" : path + "."
        var reactions: [(String, PolicyReaction)] = []
        for stage in PolicyStage.allCases {
            for (place, rule) in (rules[stage] ?? []).enumerated() {
                reactions.append(("\(prefix)\(stage.rawValue)[\(place)]", rule.reaction))
            }
            if let reaction = rules.unscored[stage] {
                reactions.append(("\(prefix)unscored.\(stage.rawValue)", reaction))
            }
        }
        for (path, reaction) in reactions {
            guard let reply = reaction.reply, safeReplies[reply] == nil else { continue }
            let names = safeReplies.keys.sorted()
            throw .unknownChoice(
                path: "\(path).reply", found: reply, choices: names,
                suggestion: nearestName(to: reply, among: names))
        }
    }

    /// Every attribute that a rule asks for. A detector that lacks one leaves its rules without effect: check it when the
    /// policy is loaded.
    public var attributes: Set<Attribute> {
        let all = [rules] + overrides.map(\.rules)
        return Set(all.flatMap { ($0.input ?? []) + ($0.output ?? []) }.flatMap(\.attributes))
    }

    /// Those of ``attributes`` that a detector does not score, sorted.
    public func attributes(missingFrom detector: any Detector) -> [Attribute] {
        attributes.subtracting(detector.attributes).sorted { $0.rawValue < $1.rawValue }
    }
}

extension Policy {
    /// Rules that rewrite and do not say what follows where nothing can be rewritten, by their place in the file. A server
    /// without a rewriter refuses such a policy.
    public var rulesInNeedOfRewriter: [String] {
        func places(_ rules: PolicyRules, _ path: String) -> [String] {
            PolicyStage.allCases.flatMap { stage in
                (rules[stage] ?? []).enumerated().compactMap { place, rule in
                    rule.reaction.action == .rewrite && !rule.reaction.saysOtherwise
                        ? "\(path)\(stage.rawValue)[\(place)]" : nil
                }
            }
        }
        return places(rules, "") + overrides.enumerated().flatMap { places($1.rules, "overrides[\($0)].") }
    }
}
