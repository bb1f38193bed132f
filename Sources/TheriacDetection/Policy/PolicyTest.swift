public import TheriacCorpora
public import TheriacOptions

/// A case that a policy's file promises: scores, or a text, and the action that is to follow.
public struct PolicyTest: Options, Equatable {
    /// What it shows; a description of its case when empty.
    public var name = ""
    public var stage = PolicyStage.input
    /// What the detector is taken to say.
    public var scores: [Attribute: Float]?
    /// A text that the detector really scores.
    public var text: String?
    /// Takes the text for one that could not be scored.
    public var isUnscored = false
    /// Scores `text`; the policy's detector when nil.
    public var detector: String?
    public var subject = PolicySubject.anyone
    public var attempt = 0
    /// Learnt thresholds of the community.
    public var learnt: [Attribute: Double] = [:]
    public var expected = PolicyAction.pass
    /// The safe replies that are to be used; nil does not ask.
    public var reply: String?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("name", into: &name)
        stage = try fields.require("stage")
        var given: [String: Float]?
        try fields.read("scores", into: &given)
        scores = try given.map { (values) throws(OptionsError) in
            try Self.byAttribute(values, fields.pathOf("scores"))
        }
        try fields.read("text", into: &text)
        try fields.read("unscored", into: &isUnscored)
        try fields.read("detector", into: &detector)
        try fields.read("key", into: &subject.key)
        try fields.read("community", into: &subject.community)
        try fields.read("attempt", into: &attempt, in: 0...100)
        var thresholds: [String: Float] = [:]
        try fields.read("learnt", into: &thresholds)
        learnt = try Self.byAttribute(thresholds, fields.pathOf("learnt")).mapValues(Double.init)
        expected = try fields.require("expect")
        try fields.read("reply", into: &reply)
        let cases = [scores != nil, text != nil, isUnscored].count { $0 }
        guard cases == 1 else {
            throw .refused(path: fields.path, reason: "give one of 'scores', 'text' and 'unscored: true'")
        }
    }

    private static func byAttribute(
        _ values: [String: Float], _ path: String
    ) throws(OptionsError) -> [Attribute: Float] {
        var result: [Attribute: Float] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard (0...1).contains(value) else {
                throw .outOfRange(path: "\(path).\(name)", found: "\(value)", range: "0...1")
            }
            result[try Attribute.named(name, path: "\(path).\(name)")] = value
        }
        return result
    }

    /// Its name, or its case in a few words that quote no text.
    public var title: String {
        guard name.isEmpty else { return name }
        var words: [String] = []
        if isUnscored { words.append("no score") }
        if text != nil { words.append("a text") }
        for (attribute, score) in (scores ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            words.append("\(attribute.rawValue) \(score)")
        }
        if words.isEmpty { words.append("no attribute") }
        if let key = subject.key { words.append("key \(key)") }
        if let community = subject.community { words.append("community \(community)") }
        if attempt > 0 { words.append("attempt \(attempt)") }
        return words.joined(separator: ", ")
    }
}

/// What a policy did in its tests.
public struct PolicyTestRun: Sendable, Equatable {
    public struct Outcome: Sendable, Equatable {
        public var test: PolicyTest
        /// What the policy decided; nil when the text could not be handed to a detector.
        public var decision: PolicyDecision?
        /// What is wrong; nil when the test passed.
        public var failure: String?
    }

    public var outcomes: [Outcome]
    /// Rules that no test reached, by their place in the file.
    public var unreached: [String]

    public var failures: Int { outcomes.count { $0.failure != nil } }
}

extension Policy {
    /// Runs the tests in the file.
    /// - Parameter score: one verdict for each text, by the detector of that name.
    public func runTests(
        score: (_ detector: String, _ texts: [String]) throws -> [Verdict]
    ) rethrows -> PolicyTestRun {
        var verdicts = [Verdict?](repeating: nil, count: tests.count)
        var settled = [PolicyDecision?](repeating: nil, count: tests.count)
        let screened = tests.indices.filter { tests[$0].text != nil && tests[$0].detector == nil }
        if let screen, detector != nil, !screened.isEmpty {
            // As the guard does it: what the quick detector clears is not shown to the other.
            let found = try score(screen.detector, screened.map { tests[$0].text ?? "" })
            for (place, verdict) in zip(screened, found) {
                let test = tests[place]
                settled[place] = self.screened(
                    test.stage, verdict, for: test.subject, attempt: test.attempt, learnt: test.learnt)
                if settled[place] != nil { verdicts[place] = verdict }
            }
        }
        var byDetector: [String: [Int]] = [:]
        for (place, test) in tests.enumerated() {
            if let scores = test.scores { verdicts[place] = .scored(scores) }
            if test.isUnscored { verdicts[place] = .unscored(reason: "said by the test") }
            if test.text != nil, settled[place] == nil, let name = test.detector ?? detector {
                byDetector[name, default: []].append(place)
            }
        }
        for (name, places) in byDetector.sorted(by: { $0.key < $1.key }) {
            let found = try score(name, places.map { tests[$0].text ?? "" })
            for (place, verdict) in zip(places, found) { verdicts[place] = verdict }
        }
        let outcomes = tests.indices.map { outcome(tests[$0], verdicts[$0], settled[$0]) }
        let reached = Set(outcomes.compactMap(\.decision?.rule))
        return PolicyTestRun(outcomes: outcomes, unreached: rulePlaces.filter { !reached.contains($0) })
    }

    private func outcome(
        _ test: PolicyTest, _ verdict: Verdict?, _ settled: PolicyDecision?
    ) -> PolicyTestRun.Outcome {
        guard let verdict else {
            return PolicyTestRun.Outcome(
                test: test, decision: nil,
                failure: "no detector is named for its text: add 'detector' to the test or the policy")
        }
        let decision =
            settled
            ?? decision(
                test.stage, verdict, for: test.subject, attempt: test.attempt, learnt: test.learnt)
        var failure: String?
        if decision.action != test.expected {
            failure = "expected \(test.expected.rawValue), found \(decision.action.rawValue)"
        } else if let reply = test.reply, decision.replies != safeReplies[reply] {
            failure = "expected the reply '\(reply)', found another or none"
        }
        return PolicyTestRun.Outcome(test: test, decision: decision, failure: failure)
    }

    /// Every rule by its place in the file.
    private var rulePlaces: [String] {
        func places(_ rules: PolicyRules, _ path: String) -> [String] {
            PolicyStage.allCases.flatMap { stage in
                (rules[stage] ?? []).indices.map { "\(path)\(stage.rawValue)[\($0)]" }
            }
        }
        return places(rules, "") + overrides.enumerated().flatMap { places($1.rules, "overrides[\($0)].") }
    }
}
