internal import Foundation
internal import TheriacAudit
internal import TheriacDetection
internal import TheriacServer

/// Keeps what people suggest to the server in the store that `theriac feedback` reads.
struct StoredFeedback: FeedbackSink {
    let store: AuditStore

    /// Returns when the suggestion is durable.
    func accept(_ suggestion: SuggestedScores) async throws {
        var summaries: [String: Double] = [:]
        var spans: [Feedback.Span] = []
        for score in suggestion.scores {
            if let summary = score.summary { summaries[score.attribute] = Double(summary) }
            spans += score.spans.map {
                Feedback.Span(
                    attribute: score.attribute, begin: $0.begin, end: $0.end, value: Double($0.value))
            }
        }
        var feedback = Feedback(
            .suggestion, text: suggestion.text ?? "", suggested: summaries, time: suggestion.time,
            doNotStore: suggestion.doNotStore || suggestion.text == nil)
        if !suggestion.doNotStore { feedback.textHash = suggestion.textHash }
        feedback.spans = suggestion.doNotStore ? [] : spans
        feedback.languages = suggestion.languages
        feedback.community = suggestion.communityID
        feedback.session = suggestion.sessionID
        feedback.clientToken = suggestion.clientToken
        feedback.detector = "\(suggestion.detector.name)@\(suggestion.detector.version)"
        feedback.detectorHash = suggestion.detector.hash
        _ = try await store.add(feedback)
    }
}
