internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import TheriacAudit
internal import TheriacEvaluation
internal import TheriacDetection

/// The operator's page and what belongs to it. Nothing here is sent to pages of other sites, and nothing comes from
/// other hosts.
enum OperatorRoutes {
    static let all: [Route] = [page, summary, style, script, score, review, signIn, signOut]

    private static let page = Route(
        name: "operator", method: .get, paths: ["/"], dialect: .google, isOperators: true
    ) { request, scope in
        guard let visitor = try scope.visitor(request) else {
            return html(OperatorSignIn.page(hasKey: try scope.hasOperatorKey), status: .unauthorized)
        }
        let range = HistoryRange(request.query["range"])
        let summary = try await offLoop { scope.summary(range: range) }
        return html(OperatorPage(summary: summary, visitor: visitor, settings: scope.settings).document)
    }

    /// Everything the page's tables and charts show, for programs.
    private static let summary = Route(
        name: "operator-summary", method: .get, paths: ["/operator/summary.json"], dialect: .google,
        isOperators: true
    ) { request, scope in
        guard try scope.visitor(request) != nil else { return notForYou() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        let range = HistoryRange(request.query["range"])
        let summary = try await offLoop { scope.summary(range: range) }
        return secured(
            ServerResponse(contentType: "application/json", body: Array(try encoder.encode(summary))))
    }

    private static let style = Route(
        name: "operator-style", method: .get, paths: ["/operator/page.css"], dialect: .google,
        isOperators: true
    ) { _, _ in
        secured(
            ServerResponse(contentType: "text/css; charset=utf-8", body: Array(OperatorStyle.source.utf8)))
    }

    private static let script = Route(
        name: "operator-script", method: .get, paths: ["/operator/page.js"], dialect: .google,
        isOperators: true
    ) { _, _ in
        secured(
            ServerResponse(
                contentType: "text/javascript; charset=utf-8", body: Array(OperatorScript.source.utf8)))
    }

    /// Perspective's `comments:analyze` for the page's score box: the operator needs no other key, and it is not counted.
    private static let score = Route(
        name: "operator-score", method: .post, paths: ["/operator/score"], dialect: .google, body: .single,
        isOperators: true
    ) { request, scope in
        guard try scope.visitor(request) != nil, request.isFromOwnPage else { return notForYou() }
        var scope = scope
        scope.isOperator = true
        let job = try AnalyzeJob(request, scope)
        var verdicts: [[Verdict]] = []
        for detector in job.detectors {
            verdicts.append(try await detector.verdicts(for: job.texts, scope))
        }
        return secured(try job.response(verdicts))
    }

    /// Decides on one piece of feedback: a form with `id`, `status` and the visitor's token.
    private static let review = Route(
        name: "operator-review", method: .post, paths: ["/operator/review"], dialect: .google, body: .single,
        isOperators: true
    ) { request, scope in
        guard let visitor = try scope.visitor(request) else { return notForYou() }
        guard let form = request.form, request.isFromOwnPage, visitor.sent(form["token"]) else {
            return html(OperatorNotice.notFromHere, status: .forbidden)
        }
        guard let store = scope.services.store else { throw ServerError.notFound }
        guard let id = form["id"].flatMap({ Int64($0) }),
            let status = form["status"].flatMap(Feedback.Status.init(rawValue:))
        else { return html(OperatorNotice.unreadable, status: .badRequest) }
        do {
            try await offLoop { try store.review([id], as: status, reviewer: visitor.name) }
        } catch AuditError.unknownRows {
            return html(OperatorNotice.gone, status: .notFound)
        }
        return seeOther("/?reviewed=\(id)#review")
    }

    private static let signIn = Route(
        name: "operator-sign-in", method: .post, paths: ["/operator/sign-in"], dialect: .google,
        body: .single, isOperators: true
    ) { request, scope in
        guard request.isFromOwnPage, let secret = request.form?["key"],
            let key = scope.operatorKey(secret, try scope.storedKeys())
        else {
            return html(
                OperatorSignIn.page(hasKey: try scope.hasOperatorKey, wasRefused: true),
                status: .unauthorized)
        }
        var response = seeOther("/")
        let cookie = scope.services.sessions.begin(label: key.label)
        response.headers[.setCookie] = OperatorCookie.field(cookie, isSecure: request.isBehindTLS(scope))
        return response
    }

    private static let signOut = Route(
        name: "operator-sign-out", method: .post, paths: ["/operator/sign-out"], dialect: .google,
        body: .single, isOperators: true
    ) { request, scope in
        guard let visitor = try scope.visitor(request), let form = request.form, request.isFromOwnPage,
            visitor.sent(form["token"])
        else { return html(OperatorNotice.notFromHere, status: .forbidden) }
        if let cookie = request.cookie(OperatorCookie.name) { scope.services.sessions.end(cookie) }
        var response = seeOther("/")
        response.headers[.setCookie] = OperatorCookie.field(nil, isSecure: request.isBehindTLS(scope))
        return response
    }

    // MARK: Answers

    static func html(_ document: Markup, status: HTTPResponse.Status = .ok) -> ServerResponse {
        secured(
            ServerResponse(
                status: status, contentType: "text/html; charset=utf-8", body: Array(document.source.utf8)))
    }

    private static func notForYou() -> ServerResponse {
        var response = Dialect.google.response(for: ServerError.missingKey)
        response.status = .unauthorized
        response.headers[.wwwAuthenticate] = "Basic realm=\"theriac operator\", charset=\"UTF-8\""
        return secured(response)
    }

    private static func seeOther(_ path: String) -> ServerResponse {
        var response = ServerResponse(status: .seeOther, body: [])
        response.headers[.location] = path
        return secured(response)
    }

    /// Nothing from elsewhere, nothing inline, in no frame, kept by no cache.
    private static func secured(_ response: ServerResponse) -> ServerResponse {
        var response = response
        for (name, value) in securityFields { response.headers[name] = value }
        return response
    }

    private static let securityFields: [(HTTPField.Name, String)] = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"), ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension OperatorVisitor {
    /// Whether a form's token is the one that his page was given.
    fileprivate func sent(_ token: String?) -> Bool {
        isEqualInConstantTime(Array((token ?? "").utf8), Array(formToken.utf8))
    }
}

extension ServerRequest {
    fileprivate func isBehindTLS(_ scope: RequestScope) -> Bool {
        isSecure || scope.settings.trustProxy && headers[.forwardedScheme] == "https"
    }
}

extension RequestScope {
    fileprivate var hasOperatorKey: Bool {
        get throws(ServerError) {
            let stored = try storedKeys()
            return state.keys.hasOperator || stored.hasOperator
        }
    }
}
