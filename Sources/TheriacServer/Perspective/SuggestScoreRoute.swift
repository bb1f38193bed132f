internal import Foundation
internal import HTTPTypes
internal import TheriacDetection
internal import TheriacFiles

extension Route {
    /// Takes a correction, and answers only when the store has it.
    static let suggestScore = Route(
        name: "suggestscore", method: .post, paths: ["/v1alpha1/comments:suggestscore"], dialect: .google,
        body: .single
    ) { request, scope in
        let body = try SuggestScoreRequest(request.body)
        let caller = try scope.admit(request)
        guard let comment = body.comment else { throw PerspectiveError.empty }
        try comment.check(limit: scope.settings.limits.textBytes)
        try body.context.check()
        guard !body.scores.isEmpty else {
            throw PerspectiveError.refused("Missing attribute_scores")
        }
        let mayKeep = scope.settings.feedback.texts && !body.doNotStore
        try await scope.services.feedback.accept(
            SuggestedScores(
                text: mayKeep ? comment.text : nil, textHash: sha256(of: Data(comment.text.utf8)),
                scores: body.scores, languages: body.languages, communityID: body.communityID,
                sessionID: body.sessionID, clientToken: body.clientToken, time: Date(),
                doNotStore: body.doNotStore, keyID: caller.keyID,
                detector: scope.catalog.first.identity))
        scope.services.metrics.countFeedback(body.scores.map(\.attribute))
        let detected =
            body.languages.isEmpty ? LanguageIdentifier.languages(of: comment.text) : body.languages
        var writer = JSONWriter(pretty: request.isPretty)
        writer.object { writer in
            if let token = body.clientToken { writer.member("clientToken", token) }
            writer.member("detectedLanguages", detected)
            if !body.languages.isEmpty { writer.member("requestedLanguages", body.languages) }
        }
        return ServerResponse(body: writer.finish())
    }
}
