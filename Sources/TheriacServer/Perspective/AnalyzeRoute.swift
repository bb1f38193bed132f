internal import HTTPTypes
internal import TheriacDetection

extension Route {
    /// Scores one text.
    static let analyze = Route(
        name: "analyze", method: .post, paths: ["/v1alpha1/comments:analyze"], dialect: .google, body: .single
    ) { request, scope in
        let job = try AnalyzeJob(request, scope)
        let start = ContinuousClock.now
        var verdicts: [[Verdict]] = []
        for detector in job.detectors {
            verdicts.append(try await detector.verdicts(for: job.texts, scope))
        }
        return try scope.answer(job, verdicts, since: start)
    }
}
