internal import HTTPTypes
internal import TheriacAudit
internal import TheriacCorpora
internal import TheriacDetection

extension RequestScope {
    /// Counts, judges by the community's thresholds, records, and answers.
    ///
    /// Perspective's answers have no verdict, so that of a community with learnt thresholds stands in the header
    /// `theriac-flagged`: the requested attributes whose scores reach them.
    ///
    /// - Parameters:
    ///   - verdicts: for each detector one verdict a text.
    ///   - start: when scoring began.
    func answer(
        _ job: AnalyzeJob, _ verdicts: [[Verdict]], since start: ContinuousClock.Instant
    ) throws -> ServerResponse {
        count(job, verdicts)
        var response = try job.response(verdicts)
        guard let decisions = services.storedDecisions else { return response }
        let thresholds = job.detectors.map { self.thresholds(of: job.request.communityID, by: $0) }
        var flagged: [String] = []
        for entry in job.wanted {
            guard let threshold = thresholds[entry.detector][entry.attribute],
                case .scored(let scores)? = verdicts[entry.detector].first,
                let score = scores[entry.attribute], Double(score) >= threshold
            else { continue }
            flagged.append(entry.name)
        }
        if thresholds.contains(where: { !$0.isEmpty }) {
            response.headers[.flagged] = flagged.isEmpty ? "none" : flagged.joined(separator: ",")
        }
        for (detector, verdicts) in zip(job.detectors, verdicts) {
            guard let verdict = verdicts.first else { continue }
            var scores: AttributeScores = [:]
            if case .scored(let all) = verdict { scores = all }
            var decision = Decision(
                route: "comments:analyze", detector: "\(detector.identity.name)@\(detector.identity.version)",
                detectorHash: detector.identity.hash, scores: StoredDecisions.named(scores),
                action: flagged.isEmpty ? "score" : "flag", latency: ContinuousClock.now - start)
            decision.community = job.request.communityID
            decision.doNotStore = job.request.doNotStore
            decision.text = job.request.comment.text
            decisions.write(decision, key: job.caller.keyID)
        }
        return response
    }

    /// Records what moderation made of some texts.
    ///
    /// - Parameter flags: for each text whether it was flagged.
    func record(
        _ request: ModerationRequest, _ verdicts: [Verdict], flags: [Bool], by detector: LoadedDetector,
        _ caller: Caller, since start: ContinuousClock.Instant
    ) {
        guard let decisions = services.storedDecisions else { return }
        for (place, verdict) in verdicts.enumerated() {
            var scores: AttributeScores = [:]
            if case .scored(let all) = verdict { scores = all }
            var decision = Decision(
                route: "moderations", detector: "\(detector.identity.name)@\(detector.identity.version)",
                detectorHash: detector.identity.hash, scores: StoredDecisions.named(scores),
                action: flags[place] ? "flag" : "pass", latency: ContinuousClock.now - start)
            decision.community = request.community
            decision.doNotStore = request.doNotStore
            decision.text = request.texts[place]
            decisions.write(decision, key: caller.keyID)
        }
    }
}

extension RequestScope {
    /// The thresholds that a community's feedback taught; none for requests that name no community.
    func thresholds(of community: String?, by detector: LoadedDetector) -> [Attribute: Double] {
        guard let community, let decisions = services.storedDecisions else { return [:] }
        return decisions.thresholds(of: community, by: detector.identity.hash)
    }
}

extension HTTPField.Name { static let flagged = Self("theriac-flagged") ?? .server }
