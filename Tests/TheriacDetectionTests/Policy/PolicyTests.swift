import Foundation
import Testing
import TheriacCorpora
import TheriacOptions

@testable import TheriacDetection

@Suite struct PolicyTests {
    static let yaml = """
        safe-replies: { topic: ["One.", "Two.", "Three."], harm: ["Call for help."] }
        input:
          - { attribute: threat, from: 0.9, action: refuse, reply: harm }
          - { attributes: [toxicity, insult], from: 0.8, action: safe-reply, reply: topic }
          - { attribute: toxicity, from: 0.5, action: flag, learnt: true }
        output:
          - { attribute: toxicity, from: 0.5, action: resample, tries: 2, otherwise: safe-reply, reply: topic }
          - { attribute: insult, from: 0.5, action: rewrite, tries: 1 }
        unscored: { input: flag, output: { action: safe-reply, reply: topic } }
        overrides:
          - { keys: [research], input: [] }
          - { communities: ["kids:*"], input: [{ attribute: toxicity, from: 0.1, action: refuse }], unscored: { input: refuse } }
          - { keys: [late], communities: ["kids:*"], output: [] }
        """

    static func policy(_ yaml: String = yaml) throws -> Policy {
        try Policy(OptionValue(yaml: yaml, source: "policy.yaml"), source: "policy.yaml")
    }

    struct Case: Sendable {
        var stage: PolicyStage
        var scores: AttributeScores
        var key: String?
        var community: String?
        var attempt = 0
        var learnt: [Attribute: Double] = [:]
        var action: PolicyAction
        var rule: String?
    }

    static let cases: [Case] = [
        Case(stage: .input, scores: [.toxicity: 0.95, .threat: 0.9], action: .refuse, rule: "input[0]"),
        Case(stage: .input, scores: [.toxicity: 0.95, .threat: 0.89], action: .safeReply, rule: "input[1]"),
        Case(stage: .input, scores: [.toxicity: 0.1, .insult: 0.8], action: .safeReply, rule: "input[1]"),
        Case(stage: .input, scores: [.toxicity: 0.5], action: .flag, rule: "input[2]"),
        Case(stage: .input, scores: [.toxicity: 0.49], action: .pass),
        Case(stage: .input, scores: [:], action: .pass),
        Case(stage: .input, scores: [.toxicity: 0.7], learnt: [.toxicity: 0.75], action: .pass),
        Case(
            stage: .input, scores: [.toxicity: 0.3], learnt: [.toxicity: 0.3], action: .flag, rule: "input[2]"
        ),
        Case(
            stage: .input, scores: [.toxicity: 0.7], learnt: [.insult: 0.9], action: .flag, rule: "input[2]"),
        Case(stage: .output, scores: [.toxicity: 0.6], action: .resample, rule: "output[0]"),
        Case(stage: .output, scores: [.toxicity: 0.6], attempt: 1, action: .resample, rule: "output[0]"),
        Case(stage: .output, scores: [.toxicity: 0.6], attempt: 2, action: .safeReply, rule: "output[0]"),
        Case(stage: .output, scores: [.insult: 0.6], action: .rewrite, rule: "output[1]"),
        Case(stage: .output, scores: [.insult: 0.6], attempt: 1, action: .refuse, rule: "output[1]"),
        Case(stage: .output, scores: [.toxicity: 0.1], attempt: 2, action: .pass),
        Case(stage: .input, scores: [.threat: 1], key: "research", action: .pass),
        Case(stage: .output, scores: [.toxicity: 1], key: "research", action: .resample, rule: "output[0]"),
        Case(
            stage: .input, scores: [.toxicity: 0.2], community: "kids:garden", action: .refuse,
            rule: "overrides[1].input[0]"),
        Case(stage: .input, scores: [.toxicity: 0.2], community: "grown-ups", action: .pass),
        // The first that fits counts, even where a later one says more.
        Case(stage: .input, scores: [.toxicity: 0.2], key: "research", community: "kids:", action: .pass),
        Case(
            stage: .output, scores: [.toxicity: 1], key: "late", community: "kids:x", action: .resample,
            rule: "output[0]"),
    ]

    @Test(arguments: cases)
    func followsTheFirstRuleThatApplies(one: Case) throws {
        let decision = try Self.policy().decision(
            one.stage, .scored(one.scores), for: PolicySubject(key: one.key, community: one.community),
            attempt: one.attempt, learnt: one.learnt)
        #expect(decision.action == one.action && decision.rule == one.rule)
    }

    @Test func saysWhy() throws {
        let policy = try Self.policy()
        let decision = policy.decision(.input, .scored([.toxicity: 0.81, .insult: 0.95]))
        #expect(decision.attribute == .insult && decision.threshold == 0.8)
        #expect(decision.reason == "insult 0.95 from 0.8 (input[1])")
        #expect(policy.decision(.input, .scored([:])).reason == "no rule applies")
        #expect(policy.decision(.output, .unscored(reason: "x")).reason == "no score (unscored.output)")
    }

    @Test func variesItsReplies() throws {
        let policy = try Self.policy()
        let reply = policy.decision(.input, .scored([.toxicity: 0.8]))
        #expect(
            (0..<4 as Range<UInt64>).map { reply.reply(choice: $0) } == ["One.", "Two.", "Three.", "One."])
        #expect(reply.reply(choice: .max) != nil)
        #expect(policy.decision(.input, .scored([.toxicity: 0.5])).reply(choice: 1) == nil)
        #expect(policy.decision(.output, .scored([.toxicity: 0.5])).replies.isEmpty)
    }

    @Test func aTextWithoutAScoreIsNotClean() throws {
        let none = Verdict.unscored(reason: "empty text")
        #expect(Policy().decision(.output, none).action == .flag)
        let policy = try Self.policy()
        #expect(policy.decision(.output, none).replies.count == 3)
        let kids = PolicySubject(community: "kids:x")
        #expect(policy.decision(.input, none, for: kids).action == .refuse)
        #expect(policy.decision(.input, none, for: kids).rule == "overrides[1].unscored.input")
        #expect(policy.decision(.output, none, for: kids).rule == "unscored.output")
    }

    static let wrong: [(yaml: String, message: String)] = [
        ("inptu: []", "Unknown option 'inptu' in the top level. Did you mean 'input'?"),
        (
            "input: [{ attribute: toxicty, from: 0.5, action: flag }]",
            "input[0].attribute is 'toxicty'; it must be one of toxicity, severe_toxicity, identity_attack, insult, "
                + "profanity, threat, sexually_explicit. Did you mean 'toxicity'?"
        ),
        (
            "input: [{ attribute: toxicity, from: 1.5, action: flag }]",
            "input[0].from is 1.5; it must be in 0.0...1.0."
        ),
        (
            "input: [{ attribute: toxicity, from: 0.5 }]",
            "policy.yaml: the option 'action' is missing in input[0]."
        ),
        (
            "input: [{ attribute: toxicity, from: 0.5, action: safe-reply }]",
            "policy.yaml: the option 'reply' is missing in input[0]."
        ),
        (
            "safe-replies: { topic: [a] }\ninput: [{ attribute: toxicity, from: 0.5, action: safe-reply, reply: topik }]",
            "input[0].reply is 'topik'; it must be one of topic. Did you mean 'topic'?"
        ),
        (
            "input: [{ attribute: toxicity, from: 0.5, action: resample }]",
            "input[0].action: what a user wrote cannot be resampled; use it under 'output'."
        ),
        (
            "output: [{ attribute: toxicity, from: 0.5, action: resample, otherwise: rewrite }]",
            "output[0].otherwise: it must be an action that ends the matter, not 'rewrite'."
        ),
        (
            "output: [{ attribute: toxicity, from: 0.5, action: flag }, { attribute: toxicity, from: 0.9, action: refuse }]",
            "output[1]: it is never reached, because output[0] stands before it and applies from 0.5 on; put the higher "
                + "threshold first."
        ),
        ("overrides: [{ input: [] }]", "overrides[0]: it is for nobody: give 'keys' or 'communities'."),
        (
            "safe-replies: { topic: [] }",
            "safe-replies.topic: it needs at least one sentence, none of them empty."
        ),
        ("tests: [{ stage: input, scores: {} }]", "policy.yaml: the option 'expect' is missing in tests[0]."),
        (
            "tests: [{ stage: input, expect: pass }]",
            "tests[0]: give one of 'scores', 'text' and 'unscored: true'."
        ),
        (
            "tests: [{ stage: inputs, scores: {}, expect: pass }]",
            "tests[0].stage is 'inputs'; it must be one of input, output. Did you mean 'input'?"
        ),
        (
            "unscored: { output: resample }",
            "unscored.output: a text without a score cannot be resampled or rewritten until its score is better."
        ),
    ]

    @Test(arguments: wrong)
    func saysWhatIsWrongWithAFile(yaml: String, message: String) throws {
        let error = try #require(throws: OptionsError.self) { try Self.policy(yaml) }
        #expect(error.description == message)
    }

    @Test func runsItsOwnTests() throws {
        let policy = try Self.policy(
            """
            detector: usual
            input: [{ attribute: toxicity, from: 0.5, action: flag }, { attribute: threat, from: 0.5, action: refuse }]
            tests:
              - { stage: input, scores: { toxicity: 0.6 }, expect: flag }
              - { name: wrong, stage: input, scores: { toxicity: 0.6 }, expect: refuse }
              - { stage: input, text: "first", expect: flag }
              - { stage: input, text: "second", detector: other, expect: pass }
              - { stage: output, unscored: true, expect: flag }
            """)
        let run = policy.runTests { name, texts in
            #expect(texts == [name == "usual" ? "first" : "second"])
            return texts.map { _ in .scored([.toxicity: name == "usual" ? 0.9 : 0.1]) }
        }
        #expect(run.outcomes.map(\.failure) == [nil, "expected refuse, found flag", nil, nil, nil])
        #expect(run.failures == 1 && run.unreached == ["input[1]"])
        #expect(run.outcomes.map(\.test.title) == ["toxicity 0.6", "wrong", "a text", "a text", "no score"])
    }

    /// With a detector that finds every text harmless; what the real one says is tried by the command's tests.
    @Test func theExampleKeepsItsPromises() throws {
        let policy = try Policy(file: Place.package.appending(path: "Examples/policy.yaml"))
        let run = policy.runTests { name, texts in
            #expect(name == "judge" && texts.count == 2)
            return texts.map { _ in .scored([.toxicity: 0.01]) }
        }
        #expect(run.failures == 0 && run.outcomes.count == 12 && run.unreached.isEmpty)
    }

    @Test func aTextNeedsADetectorAndAReplyIsChecked() throws {
        let policy = try Self.policy(
            """
            safe-replies: { a: [x], b: [y] }
            input: [{ attribute: toxicity, from: 0.5, action: safe-reply, reply: a }]
            tests:
              - { stage: input, text: "first", expect: pass }
              - { stage: input, scores: { toxicity: 1 }, expect: safe-reply, reply: b }
            """)
        let run = policy.runTests { _, _ in [] }
        #expect(run.failures == 2)
        #expect(run.outcomes[1].failure == "expected the reply 'b', found another or none")
    }

    @Test func namesAttributesADetectorLacks() throws {
        let lexicon = try #require(Place.detector("lexicon"))
        let detector = try Detectors.load(folder: lexicon)
        let policy = try Self.policy()
        #expect(policy.attributes == [.threat, .toxicity, .insult])
        #expect(
            Set(policy.attributes(missingFrom: detector))
                == policy.attributes.subtracting(detector.attributes))
    }

    /// Every rule stands in the explanation, by its place.
    @Test func explainsEveryRule() throws {
        let text = try Self.policy().explanation
        for place in ["input[0]", "input[1]", "input[2]", "output[0]", "output[1]", "overrides[1].input[0]"] {
            #expect(text.contains("\(place)  "), "\(place)")
        }
        #expect(text.contains("2 times at most, then answer with a safe reply ('topic')"))
        #expect(Policy().explanation.contains("always: let it through"))
    }
}
