import TheriacCorpora
import TheriacOptions
import Testing

@testable import TheriacDetection

/// A quick detector before the one whose scores the thresholds mean.
@Suite struct PolicyScreenTests {
    private func policy(_ output: String, below: Double = 0.2) throws -> Policy {
        try Policy(
            OptionValue(
                yaml: """
                    detector: judge
                    screen: { detector: quick, below: \(below) }
                    output: [\(output)]
                    tests:
                      - { stage: output, text: "clean", expect: pass }
                      - { stage: output, text: "unsure", expect: refuse }
                      - { stage: output, text: "clean", detector: judge, expect: refuse }
                    """, source: "test"), source: "test")
    }

    private static let rule = "{ attribute: toxicity, from: 0.5, action: refuse }"

    @Test func settlesOnlyWhatItClears() throws {
        let policy = try policy(Self.rule)
        #expect(policy.screened(.output, .scored([.toxicity: 0.19]))?.action == .pass)
        #expect(policy.screened(.output, .scored([.toxicity: 0.2])) == nil)
        #expect(policy.screened(.output, .scored([.toxicity: 0.1, .threat: 0.3])) == nil)
        #expect(policy.screened(.output, .scored([.toxicity: 0.9])) == nil)
        #expect(policy.screened(.output, .scored([:])) == nil)
        #expect(policy.screened(.output, .unscored(reason: "empty text")) == nil)
    }

    /// A rule that its own scores would set off is never passed over.
    @Test func neverSettlesWhereARuleApplies() throws {
        let policy = try policy("{ attribute: toxicity, from: 0, action: flag }")
        #expect(policy.screened(.output, .scored([.toxicity: 0.01])) == nil)
    }

    /// The file's tests score texts as the guard does: a test's own detector alone, else the two in turn.
    @Test func testsOfTheFileGoThroughIt() throws {
        var asked: [String: [String]] = [:]
        let run = try policy(Self.rule).runTests { name, texts in
            asked[name] = texts
            return texts.map { .scored([.toxicity: name == "judge" ? 0.9 : $0 == "clean" ? 0.1 : 0.6]) }
        }
        #expect(run.failures == 0)
        #expect(asked == ["quick": ["clean", "unsure"], "judge": ["unsure", "clean"]])
    }

    @Test func namesRulesThatNeedARewriter() throws {
        let rewriting = try policy("{ attribute: toxicity, from: 0.5, action: rewrite }")
        #expect(rewriting.rulesInNeedOfRewriter == ["output[0]"])
        let other = try policy("{ attribute: toxicity, from: 0.5, action: rewrite, otherwise: flag }")
        #expect(other.rulesInNeedOfRewriter.isEmpty)
        let bad = Verdict.scored([.toxicity: 0.9])
        #expect(other.decision(.output, bad).action == .rewrite)
        #expect(other.decision(.output, bad, canRewrite: false).action == .flag)
        #expect(other.decision(.output, bad, attempt: 3).action == .flag)
    }

    @Test func wantsABound() {
        #expect(throws: OptionsError.self) {
            try Policy(.object(["screen": .object(["detector": .string("quick")])]), source: "test")
        }
    }
}
