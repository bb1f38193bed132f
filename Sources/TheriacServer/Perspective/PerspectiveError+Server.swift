extension PerspectiveError {
    private static let service = "commentanalyzer.googleapis.com"

    /// What any route can run into, in Google's words.
    init(_ error: ServerError) {
        switch error {
        case .notFound:
            self.init(code: 404, message: "Requested entity was not found.", status: "NOT_FOUND")
        case .bodyTooLarge(let limit):
            self.init(
                code: 400, message: "Request payload size exceeds the limit: \(limit) bytes.",
                status: "INVALID_ARGUMENT")
        case .malformedJSON(let reason):
            self = .payload("Invalid JSON payload received. \(reason).")
        case .missingKey:
            self.init(
                code: 403,
                message: "Method doesn't allow unregistered callers (callers without established identity). "
                    + "Please use API Key or other form of API consumer identity to call this API.",
                status: "PERMISSION_DENIED",
                details: [Self.information("CREDENTIALS_MISSING", [("service", Self.service)])])
        case .unknownKey:
            self.init(
                code: 400, message: "API key not valid. Please pass a valid API key.",
                status: "INVALID_ARGUMENT",
                details: [Self.information("API_KEY_INVALID", [("service", Self.service)])])
        case .quotaExceeded(let limit, _): self = .quota(limit)
        case .queueFull:
            self.init(
                code: 429, message: "Too many texts are waiting; try again later.",
                status: "RESOURCE_EXHAUSTED",
                details: [Self.information("RATE_LIMIT_EXCEEDED", [("service", Self.service)])])
        case .deadlineExceeded:
            self.init(
                code: 504, message: "Deadline exceeded: \(error.message)", status: "DEADLINE_EXCEEDED")
        case .shuttingDown, .unavailable:
            self.init(code: 503, message: error.message, status: "UNAVAILABLE")
        case .unscored, .failed:
            self.init(code: 500, message: error.message, status: "INTERNAL")
        }
    }

    private static func quota(_ limit: Int) -> PerspectiveError {
        let help = Detail([
            ("@type", .text("type.googleapis.com/google.rpc.Help")),
            (
                "links",
                .objects([
                    Detail([
                        ("description", .text("Request a higher quota limit.")),
                        ("url", .text("https://cloud.google.com/docs/quotas/help/request_increase")),
                    ])
                ])
            ),
        ])
        let metadata = [
            ("quota_metric", "CommentAnalyzerService/analyze_requests"),
            ("quota_limit", "AnalyzeRequestsPerMinutePerProject"), ("quota_limit_value", "\(limit)"),
            ("quota_location", "global"), ("consumer", "projects/1"), ("service", service),
        ]
        return PerspectiveError(
            code: 429,
            message: "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit "
                + "'Analysis requests (AnalyzeComment) per minute' of service '\(service)' for consumer "
                + "'project_number:1'.",
            status: "RESOURCE_EXHAUSTED", details: [information("RATE_LIMIT_EXCEEDED", metadata), help])
    }

    private static func information(_ reason: String, _ metadata: [(String, String)]) -> Detail {
        Detail([
            ("@type", .text("type.googleapis.com/google.rpc.ErrorInfo")), ("reason", .text(reason)),
            ("domain", .text("googleapis.com")),
            ("metadata", Detail(metadata.map { ($0.0, .text($0.1)) })),
        ])
    }
}
