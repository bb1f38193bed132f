internal import Foundation
internal import TheriacAudit
internal import TheriacDetection

/// Keeps what people suggest to the server in the store that `theriac feedback` reads.
struct StoredFeedback: FeedbackSink {
    let store: AuditStore

    /// Returns when the suggestion is durable; at once when nothing of it may be kept: places in a text that is not to be
    /// stored say nothing.
    ///
    /// - Throws: ``PerspectiveError`` when its values cannot be stored; ``ServerError`` when the store cannot take it now.
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
        guard !summaries.isEmpty || !feedback.spans.isEmpty else { return }
        feedback.languages = suggestion.languages
        feedback.community = suggestion.communityID
        feedback.session = suggestion.sessionID
        feedback.clientToken = suggestion.clientToken
        feedback.detector = "\(suggestion.detector.name)@\(suggestion.detector.version)"
        feedback.detectorHash = suggestion.detector.hash
        feedback.keyID = store.keyNumber(of: suggestion.keyID)
        do {
            _ = try await store.add(feedback)
        } catch let error as AuditError {
            throw Self.explained(error)
        }
    }

    /// What is wrong with the suggestion is the caller's to mend, and a store that is busy will not be so for long.
    private static func explained(_ error: AuditError) -> any Error {
        switch error {
        case .invalid(_, let reason):
            PerspectiveError.refused("The suggestion cannot be stored: \(reason)")
        case .busy: ServerError.queueFull(retryAfter: 1)
        case .closed: ServerError.shuttingDown
        default: error
        }
    }
}

extension AuditStore {
    /// The number of the store's key with this label; nil for keys of a file.
    func keyNumber(of label: String?) -> Int64? {
        guard let label else { return nil }
        return try? keyRing().id(label: label)
    }
}
