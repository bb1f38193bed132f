extension Policy {
    /// The policy in plain sentences.
    public var explanation: String {
        var lines: [String] = []
        if let detector { lines += ["Thresholds are scores of the detector '\(detector)'.", ""] }
        if let screen {
            lines += [
                "Texts that '\(screen.detector)' scores below \(screen.below) pass; the others are shown to that detector.",
                "",
            ]
        }
        for stage in PolicyStage.allCases {
            lines += explained(rules[stage] ?? [], stage, "")
            lines.append("  without a score: \((rules.unscored[stage] ?? PolicyReaction(.flag)).summary)")
            lines.append("")
        }
        for (place, override) in overrides.enumerated() {
            var who: [String] = []
            if !override.keys.isEmpty { who.append("the keys \(override.keys.joined(separator: ", "))") }
            if !override.communities.isEmpty {
                who.append("the communities \(override.communities.joined(separator: ", "))")
            }
            lines.append("For \(who.joined(separator: " in ")), in place of the above:")
            for stage in PolicyStage.allCases {
                if let own = override.rules[stage] {
                    lines += explained(own, stage, "overrides[\(place)].").map { "  " + $0 }
                }
                if let reaction = override.rules.unscored[stage] {
                    lines.append("  \(stage.rawValue) without a score: \(reaction.summary)")
                }
            }
            lines.append("")
        }
        for (name, variants) in safeReplies.sorted(by: { $0.key < $1.key }) {
            lines.append("Safe reply '\(name)', one of:")
            lines += variants.map { "  - \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func explained(_ rules: [PolicyRule], _ stage: PolicyStage, _ path: String) -> [String] {
        let head =
            stage == .input
            ? "What a user writes; the first rule that applies is followed:"
            : "What the model writes; the first rule that applies is followed:"
        let lines = rules.enumerated().map { place, rule in
            "  \(path)\(stage.rawValue)[\(place)]  \(rule.condition): \(rule.reaction.summary)"
        }
        return [head] + lines + ["  \(rules.isEmpty ? "always" : "else"): let it through"]
    }
}
