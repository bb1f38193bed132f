internal import HTTPTypes
internal import TheriacCorpora
internal import TheriacDetection

/// An accepted `comments:analyze` request: which texts which detectors shall score, and how to say the result.
///
/// Made in two steps so that the requests of a batch can be scored together.
struct AnalyzeJob: Sendable {
    /// One attribute to answer.
    struct Wanted: Sendable {
        var name: String
        var attribute: Attribute
        /// Place in `detectors`.
        var detector: Int
        var threshold: Float?
    }

    let request: AnalyzeRequest
    let caller: RequestScope.Caller
    let wanted: [Wanted]
    let detectors: [LoadedDetector]
    /// The whole text, then its sentences where there are several and spans are wanted.
    let texts: [String]
    private let spans: [(begin: Int, end: Int)]
    private let languages: [String]
    private let detected: [String]
    private let isPretty: Bool
    private let mask: FieldMask

    /// Checks in the order clients rely on: shape, key, quota, text, type, context, attributes, score type, language.
    ///
    /// - Throws: ``PerspectiveError``, ``ServerError``, `JSONError`.
    init(_ request: ServerRequest, _ scope: RequestScope) throws {
        let body = try AnalyzeRequest(request.body)
        isPretty = request.isPretty
        if let fields = request.query["fields"], !fields.isEmpty {
            guard let mask = FieldMask(fields) else { throw PerspectiveError.payload("Invalid field mask.") }
            self.mask = mask
        } else {
            mask = .all
        }
        caller = try scope.admit(request)
        self.request = body
        try body.comment.check(limit: scope.settings.limits.textBytes)
        try body.context.check()
        guard !body.attributes.isEmpty else { throw PerspectiveError.noAttributes }
        let isDropping = body.dropUnsupportedAttributes || scope.settings.perspective.dropUnscored
        var (wanted, detectors) = try Self.resolve(body.attributes, scope.catalog, dropping: isDropping)
        for entry in body.attributes {
            if let type = entry.scoreType, type != "PROBABILITY", type != "SCORE_TYPE_UNSPECIFIED" {
                throw PerspectiveError.scoreType(type, entry.name)
            }
        }
        (languages, detected) = try Self.languages(body, scope)
        let languages = languages
        for entry in wanted {
            let lacking = languages.filter { !detectors[entry.detector].reads($0) }
            guard !lacking.isEmpty, !body.dropUnsupportedAttributes else { continue }
            throw PerspectiveError.language(
                entry.name, lacks: lacking, of: languages, wereRequested: !body.languages.isEmpty)
        }
        wanted.removeAll { entry in languages.contains { !detectors[entry.detector].reads($0) } }
        if wanted.isEmpty { detectors = [] }
        self.wanted = wanted
        self.detectors = detectors
        (texts, spans) = Self.cut(body.comment.text, intoSentences: body.spanAnnotations)
        guard wanted.count * spans.count <= Self.mostScores else {
            throw PerspectiveError.refused(
                "\(wanted.count) attributes of \(spans.count) sentences are more than \(Self.mostScores) scores"
            )
        }
    }

    /// Scores in one answer: some 25 MB. The longest text may have ten thousand sentences of two bytes.
    private static let mostScores = 100_000

    /// - Parameter verdicts: for each detector one verdict a text.
    /// - Throws: ``ServerError/unscored`` when a text that is not blank has no score.
    func response(_ verdicts: [[Verdict]]) throws -> ServerResponse {
        var writer = JSONWriter(
            pretty: isPretty, mask: mask, capacity: 256 + 256 * wanted.count * spans.count)
        var isUnscored = false
        try writer.object { writer in
            try writer.member("attributeScores") { writer in
                try writer.object { writer in
                    for entry in wanted {
                        let scores = try verdicts[entry.detector].map { verdict -> Float in
                            if case .unscored = verdict { isUnscored = true }
                            return try verdict.wireScore(entry.attribute)
                        }
                        guard scores[0] >= entry.threshold ?? -1 else { continue }
                        writer.member(entry.name) { write(scores, to: &$0) }
                    }
                }
            }
            writer.member("languages", languages)
            writer.member("detectedLanguages", detected)
            if let token = request.clientToken { writer.member("clientToken", token) }
        }
        var response = ServerResponse(body: writer.finish())
        for detector in detectors { detector.sign(&response) }
        if isUnscored { response.headers[.unscored] = "blank" }
        return response
    }

    private func write(_ scores: [Float], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("spanScores") { writer in
                writer.array { writer in
                    for (place, span) in spans.enumerated() {
                        writer.element { writer in
                            writer.object { writer in
                                writer.member("begin", span.begin)
                                writer.member("end", span.end)
                                writer.member("score") {
                                    Self.write(scores[spans.count == 1 ? 0 : place + 1], to: &$0)
                                }
                            }
                        }
                    }
                }
            }
            writer.member("summaryScore") { Self.write(scores[0], to: &$0) }
        }
    }

    private static func write(_ score: Float, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("value", score)
            writer.member("type", "PROBABILITY")
        }
    }

    // MARK: Reading the request

    private static func resolve(
        _ attributes: [AnalyzeRequest.Requested], _ catalog: DetectorCatalog, dropping: Bool
    ) throws(PerspectiveError) -> ([Wanted], [LoadedDetector]) {
        var wanted: [Wanted] = []
        var detectors: [LoadedDetector] = []
        for entry in attributes {
            let reference = AttributeReference(entry.name)
            guard let attribute = PerspectiveAttributes.scored[reference.name],
                let detector = catalog.detector(pin: reference.pin), detector.attributes.contains(attribute)
            else {
                let isKnown =
                    PerspectiveAttributes.published.contains(reference.name)
                    || reference.pin == nil && PerspectiveAttributes.scored[reference.name] != nil
                guard dropping, isKnown else { throw .unknownAttribute(entry.name) }
                continue
            }
            var place = detectors.firstIndex { $0 === detector }
            if place == nil {
                place = detectors.count
                detectors.append(detector)
            }
            wanted.append(
                Wanted(
                    name: entry.name, attribute: attribute, detector: place ?? 0, threshold: entry.threshold))
        }
        return (wanted, detectors)
    }

    /// What the text counts as, and what to say was detected. A caller's own word is taken as it is.
    private static func languages(
        _ body: AnalyzeRequest, _ scope: RequestScope
    ) throws(PerspectiveError) -> (used: [String], detected: [String]) {
        guard body.languages.isEmpty || scope.settings.perspective.alwaysDetect else {
            return (body.languages, body.languages)
        }
        let detected = LanguageIdentifier.languages(of: body.comment.text)
        if !body.languages.isEmpty { return (body.languages, detected) }
        guard let best = detected.first else { throw .noLanguage }
        return ([best], detected)
    }

    /// Sentences tile the text; places are UTF-16 code units.
    private static func cut(
        _ text: String, intoSentences: Bool
    ) -> (texts: [String], spans: [(begin: Int, end: Int)]) {
        let whole = [(begin: 0, end: text.utf16.count)]
        guard intoSentences else { return ([text], whole) }
        let tiles = SentenceTiles.tiles(of: text)
        guard tiles.count > 1 else { return ([text], whole) }
        let offsets = TextOffsets(text)
        let spans = tiles.map { offsets.span(scalars: $0) }
        return (
            [text] + spans.map(offsets.text),
            spans.map { (begin: $0.utf16.lowerBound, end: $0.utf16.upperBound) }
        )
    }
}

extension Verdict {
    /// The score as the wire has it. A blank text has no score, but clients send "\n" for an empty continuation and
    /// must get a number: 0, and the answer's head says so.
    func wireScore(_ attribute: Attribute) throws(ServerError) -> Float {
        switch self {
        case .scored(let scores):
            guard let score = scores[attribute] else { throw .unscored }
            return score
        case .unscored(let reason):
            guard reason.hasSuffix("empty text") else { throw .unscored }
            return 0
        }
    }
}

extension ServerRequest {
    /// The original prints with line breaks unless told not to.
    var isPretty: Bool {
        switch query["prettyPrint"] {
        case "false", "0": false
        default: true
        }
    }
}
