internal import HTTPTypes
internal import NIOCore
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

extension Route {
    /// Scores texts by the categories of OpenAI's moderation.
    static let moderations = Route(
        name: "moderations", method: .post, paths: ["/v1/moderations"], dialect: .openAI, body: .single
    ) { request, scope in
        let caller = try scope.admit(request)
        let body = try ModerationRequest(request.body)
        let (model, detector) = try scope.moderator(body.model)
        let most = scope.settings.limits.batchParts
        guard body.texts.count <= most else {
            throw OpenAIError.tooManyTexts(body.texts.count, limit: most)
        }
        for text in body.texts where text.utf8.count > scope.settings.limits.textBytes {
            throw OpenAIError(
                status: 400, message: "A text is longer than \(scope.settings.limits.textBytes) bytes.",
                parameter: "input", code: "context_length_exceeded")
        }
        let start = ContinuousClock.now
        let verdicts = try await detector.verdicts(for: body.texts, scope)
        let thresholds = ModerationThresholds(
            settings: scope.settings.moderation,
            learnt: scope.thresholds(of: body.community, by: detector))
        var flags: [Bool] = []
        let isOld = model.hasPrefix("text-moderation-")
        let categories = ModerationCategory.all.filter { !(isOld && $0.isRecent) }
        var writer = JSONWriter(capacity: 256 + 1200 * verdicts.count)
        try writer.object { writer in
            writer.member("id", "modr-\(scope.requestID)")
            writer.member("model", model)
            try writer.member("results") { writer in
                try writer.array { writer in
                    for verdict in verdicts {
                        let scores = try verdict.moderationScores
                        scope.services.metrics.observe(scores)
                        writer.element { flags.append(write(scores, categories, thresholds, to: &$0)) }
                    }
                }
            }
        }
        var response = ServerResponse(contentType: "application/json", body: writer.finish())
        detector.sign(&response)
        scope.record(body, verdicts, flags: flags, by: detector, caller, since: start)
        return response
    }

    /// - Returns: whether the text is flagged.
    private static func write(
        _ scores: [Attribute: Float], _ categories: [ModerationCategory], _ thresholds: ModerationThresholds,
        to writer: inout JSONWriter
    ) -> Bool {
        let values = categories.map { $0.score(scores) }
        let flags = categories.map { thresholds.flags($0, scores) }
        writer.object { writer in
            writer.member("flagged", flags.contains(true))
            writer.member("categories") { writer in
                writer.object { writer in
                    for (category, flag) in zip(categories, flags) { writer.member(category.name, flag) }
                }
            }
            writer.member("category_scores") { writer in
                writer.object { writer in
                    for (category, value) in zip(categories, values) {
                        writer.member(category.name, value ?? 0)
                    }
                }
            }
            // Nothing applied where nothing was measured: a caller can tell that from a clean text.
            writer.member("category_applied_input_types") { writer in
                writer.object { writer in
                    for (category, value) in zip(categories, values) {
                        writer.member(category.name, value == nil ? [] : ["text"])
                    }
                }
            }
        }
        return flags.contains(true)
    }
}

/// The body of `/v1/moderations`.
struct ModerationRequest {
    var texts: [String]
    var model = "omni-moderation-latest"
    /// Whose thresholds shall hold: `theriac.community`, an addition of ours.
    var community: String?
    /// `theriac.do_not_store`: neither the text nor its hash is recorded.
    var doNotStore = false

    /// - Throws: ``OpenAIError``, `JSONError`.
    init(_ body: ByteBuffer) throws {
        let value = try body.withUnsafeReadableBytes { try JSONScanner.value(in: $0) }
        guard case .object(let members) = value else {
            throw OpenAIError.wrongType("body", expected: "an object")
        }
        switch members["model"] {
        case nil, .null?: break
        case .string(let name)?: model = name
        default: throw OpenAIError.wrongType("model", expected: "a string")
        }
        switch members["theriac"] {
        case nil, .null?: break
        case .object(var ours)?:
            let wishes = try CallerWishes(taking: &ours)
            (community, doNotStore) = (wishes.community, wishes.doNotStore)
        default: throw OpenAIError.wrongType("theriac", expected: "an object")
        }
        switch members["input"] {
        case nil, .null?: throw OpenAIError.missing("input")
        case .string(let text)?: texts = [text]
        case .array(let elements)?:
            guard !elements.isEmpty else {
                throw OpenAIError(
                    status: 400, message: "'input' must not be empty.", parameter: "input",
                    code: "invalid_value")
            }
            let all = elements.compactMap(\.text)
            if all.count == elements.count {
                texts = all
            } else {
                // The parts of one input: one result.
                texts = [try elements.map(Self.part).joined(separator: "\n")]
            }
        default:
            throw OpenAIError.wrongType("input", expected: "a string, a list of strings or a list of parts")
        }
    }

    private static func part(_ value: JSONValue) throws(OpenAIError) -> String {
        guard case .object = value, let type = value["type"]?.text else {
            throw .wrongType("input", expected: "strings only, or parts with a type only")
        }
        guard type == "text" else {
            throw OpenAIError(
                status: 400,
                message: "Inputs of the type '\(type.prefix(40))' are not supported; only text is.",
                parameter: "input", code: "unsupported_input_type")
        }
        guard let text = value["text"]?.text else { throw .missing("input.text") }
        return text
    }
}

extension RequestScope {
    /// The detector behind a moderation model's name: OpenAI's names mean the default one.
    fileprivate func moderator(_ model: String) throws(OpenAIError) -> (String, LoadedDetector) {
        let theirs = [
            "omni-moderation-latest", "omni-moderation-2024-09-26", "text-moderation-latest",
            "text-moderation-stable",
        ]
        if theirs.contains(model) { return (model, catalog.first) }
        guard let detector = catalog.detector(pin: model) else { throw .noModel(model) }
        return (model, detector)
    }
}

extension Verdict {
    /// Scores of a text; none for a blank one, of which nothing was measured.
    fileprivate var moderationScores: AttributeScores {
        get throws(ServerError) {
            switch self {
            case .scored(let scores): return scores
            case .unscored(let reason):
                guard reason.hasSuffix("empty text") else { throw .unscored }
                return [:]
            }
        }
    }
}
