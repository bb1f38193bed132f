internal import HTTPTypes
internal import TheriacCorpora
internal import TheriacDetection

/// A policy with the detectors it names, ready to judge what users and models write.
///
/// The decision itself is `Policy.decision`, the same that `theriac policy test` runs; here texts are scored for it, first
/// by the quick detector and where need be by the other, and decisions are handed on. To guard a route:
///
/// ```swift
/// let session = gate.session("completions", caller, scope)
/// if let finding = try await session.input([prompt]), finding.action == .refuse { … }
/// let finding = try await session.output(text)
/// ```
struct PolicyGate: Sendable {
    let policy: Policy
    let identity: PolicyIdentity
    /// Its scores are what the thresholds mean.
    let judge: LoadedDetector
    /// Looks first; nil: the judge looks at everything.
    let screen: LoadedDetector?
    /// Nil: what should be rewritten goes to the rule's `otherwise`.
    var rewriter: (any TextRewriter)?
    /// Whether decisions are handed on with their texts.
    var keepsTexts = false
    /// Tries that no rule may exceed.
    var mostTries = Int.max
    /// Detectors that were loaded for it alone.
    var own: [LoadedDetector] = []

    func session(
        _ route: String, _ caller: RequestScope.Caller, community: String? = nil, doNotStore: Bool = false,
        _ scope: RequestScope
    ) -> GateSession {
        GateSession(
            gate: self, scope: scope, route: route,
            subject: PolicySubject(key: caller.keyID, community: community), doNotStore: doNotStore,
            learnt: community.map {
                scope.services.decisions.learntThresholds(of: $0, by: judge.identity)
            } ?? [:])
    }

    /// Says in an answer's head who judged.
    func sign(_ response: inout ServerResponse) {
        response.headers[.policy] = "\(identity.name); sha256:\(identity.hash)"
        screen?.sign(&response)
        judge.sign(&response)
    }

    func close() async { for detector in own { await detector.close() } }
}

/// What the gate found in one text.
struct GateFinding: Sendable {
    var decision: PolicyDecision
    /// All that the detector measured; empty for a text without a score.
    var scores: AttributeScores
    var stage: GuardDecision.Stage
    var detector: DetectorIdentity
    var attempt: Int
    var latency: Duration

    var action: PolicyAction { decision.action }

    /// The more severe of two, and of the same action the one with the higher score.
    func isWorse(than other: GateFinding?) -> Bool {
        guard let other else { return true }
        let (own, its) = (Self.rank(action), Self.rank(other.action))
        return own > its || own == its && (decision.score ?? 0) > (other.decision.score ?? 0)
    }

    /// Actions in the order of their list: from letting through to refusing.
    private static func rank(_ action: PolicyAction) -> Int {
        PolicyAction.allCases.firstIndex(of: action) ?? 0
    }
}

/// The gate for one request.
struct GateSession: Sendable {
    let gate: PolicyGate
    let scope: RequestScope
    let route: String
    let subject: PolicySubject
    let doNotStore: Bool
    let learnt: [Attribute: Double]

    /// Judges what a user wrote and hands the decisions on.
    /// - Returns: the most severe finding; nil when there was no text.
    func input(_ texts: [String]) async throws -> GateFinding? {
        let findings = try await findings(texts, .input)
        for (finding, text) in zip(findings, texts) { record(finding, text) }
        return findings.reduce(nil) { worst, next in next.isWorse(than: worst) ? next : worst }
    }

    /// Judges what a model wrote and hands the decision on.
    /// - Parameter attempt: how often this answer was resampled or rewritten before.
    func output(_ text: String, attempt: Int = 0) async throws -> GateFinding {
        let findings = try await findings([text], .output, attempt: attempt)
        guard let finding = findings.first else { throw ServerError.failed }
        record(finding, text)
        return finding
    }

    /// One finding a text, in order, and nothing handed on yet.
    ///
    /// - Parameter canRewrite: false where there is no whole text to rewrite.
    func findings(
        _ texts: [String], _ direction: PolicyStage, attempt: Int = 0, canRewrite: Bool = true
    ) async throws -> [GateFinding] {
        guard !texts.isEmpty else { return [] }
        let start = ContinuousClock.now
        let canRewrite = canRewrite && gate.rewriter != nil
        let tries = attempt >= gate.mostTries ? Int.max : attempt
        var found = [GateFinding?](repeating: nil, count: texts.count)
        if let screen = gate.screen {
            let verdicts = try await screen.verdicts(for: texts, scope)
            for (place, verdict) in zip(texts.indices, verdicts) {
                let decision = gate.policy.screened(
                    direction, verdict, for: subject, attempt: tries, learnt: learnt, canRewrite: canRewrite)
                guard let decision else { continue }
                found[place] = GateFinding(
                    decision: decision, scores: verdict.scores, stage: .screen, detector: screen.identity,
                    attempt: attempt, latency: ContinuousClock.now - start)
            }
        }
        let open = texts.indices.filter { found[$0] == nil }
        if !open.isEmpty {
            let verdicts = try await gate.judge.verdicts(for: open.map { texts[$0] }, scope)
            for (place, verdict) in zip(open, verdicts) {
                let decision = gate.policy.decision(
                    direction, verdict, for: subject, attempt: tries, learnt: learnt, canRewrite: canRewrite)
                found[place] = GateFinding(
                    decision: decision, scores: verdict.scores, stage: .judge, detector: gate.judge.identity,
                    attempt: attempt, latency: ContinuousClock.now - start)
            }
        }
        let all = found.compactMap { $0 }
        guard all.count == texts.count else { throw ServerError.failed }
        return all
    }

    /// Hands a decision on; with its text only where the operator keeps texts and the caller did not forbid it.
    func record(_ finding: GateFinding, _ text: String) {
        var decision = GuardDecision(
            route: route, direction: finding.decision.stage, stage: finding.stage, decision: finding.decision,
            scores: finding.scores, detector: finding.detector, policy: gate.identity,
            attempt: finding.attempt, requestID: "req_\(scope.requestID)", latency: finding.latency)
        decision.keyID = subject.key
        decision.community = subject.community
        decision.doNotStore = doNotStore
        decision.text = gate.keepsTexts && !doNotStore ? text : nil
        scope.services.decisions.record(decision)
        scope.services.metrics.countDecision(finding.decision.stage.rawValue, finding.action.rawValue)
    }

    /// The sentence that a decision answers with; the same for the same request.
    func reply(_ finding: GateFinding) -> String? { finding.decision.reply(choice: scope.number) }
}

extension Verdict {
    fileprivate var scores: AttributeScores {
        if case .scored(let scores) = self { scores } else { [:] }
    }
}
