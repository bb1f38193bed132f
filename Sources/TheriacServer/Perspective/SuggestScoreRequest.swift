internal import NIOCore
internal import TheriacFiles

/// The body of `comments:suggestscore`, read and checked for its shape.
struct SuggestScoreRequest: Sendable {
    var comment: CommentText?
    var context = CommentContext()
    var scores: [SuggestedScore] = []
    var languages: [String] = []
    /// Ours: the original knew no such field here.
    var doNotStore = false
    var clientToken: String?
    var sessionID: String?
    var communityID: String?

    /// - Throws: ``PerspectiveError`` or `JSONError` when it is not such a request.
    init(_ body: ByteBuffer) throws {
        self = try body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(reading: bytes)
            let request = try SuggestScoreRequest(&scanner)
            try scanner.finish()
            return request
        }
    }

    private init(_ scanner: inout JSONScanner) throws {
        try scanner.message("") { scanner, key in
            switch key {
            case "comment": comment = try CommentText(&scanner, "comment")
            case "attributeScores", "attribute_scores": scores = try Self.scores(&scanner)
            case "languages": languages = try scanner.protoTexts("languages")
            case "doNotStore", "do_not_store": doNotStore = try scanner.protoBool("do_not_store")
            case "clientToken", "client_token": clientToken = try scanner.protoText("client_token")
            case "sessionId", "session_id": sessionID = try scanner.protoText("session_id")
            case "communityId", "community_id": communityID = try scanner.protoText("community_id")
            case "context": context = try CommentContext(&scanner)
            default: return false
            }
            return true
        }
    }

    private static func scores(_ scanner: inout JSONScanner) throws -> [SuggestedScore] {
        var found: [SuggestedScore] = []
        try scanner.message("attribute_scores") { scanner, name in
            var score = SuggestedScore(attribute: name)
            try scanner.message("attribute_scores[0].value") { scanner, key in
                switch key {
                case "summaryScore", "summary_score": score.summary = try value(&scanner, "summary_score")
                case "spanScores", "span_scores": score.spans = try spans(&scanner)
                default: return false
                }
                return true
            }
            guard score.summary != nil || !score.spans.isEmpty else {
                throw PerspectiveError.refused("Attribute \(name) needs a summary_score or span_scores")
            }
            found.removeAll { $0.attribute == name }
            guard found.count < AnalyzeRequest.mostAttributes else {
                throw PerspectiveError.refused(
                    "More than \(AnalyzeRequest.mostAttributes) attributes are scored")
            }
            found.append(score)
            return true
        }
        return found
    }

    private static func spans(_ scanner: inout JSONScanner) throws -> [SuggestedScore.Span] {
        guard scanner.nextKind() != .null else { return scanner.passNull() ? [] : [] }
        guard scanner.nextKind() == .array else {
            throw PerspectiveError.wrongKind("span_scores", expected: "TYPE_MESSAGE")
        }
        try scanner.beginArray()
        var found: [SuggestedScore.Span] = []
        var first = true
        while try scanner.nextElement(&first) {
            var (begin, end, score): (Int?, Int?, Float?) = (nil, nil, nil)
            try scanner.message("span_scores[0]") { scanner, key in
                switch key {
                case "begin": begin = try scanner.protoInteger("begin")
                case "end": end = try scanner.protoInteger("end")
                case "score": score = try value(&scanner, "score")
                default: return false
                }
                return true
            }
            guard let begin, let end, let score, begin >= 0, end >= begin else {
                throw PerspectiveError.refused("Every span score needs a begin, an end and a score")
            }
            found.append(SuggestedScore.Span(begin: begin, end: end, value: score))
        }
        return found
    }

    /// A score; its type is a probability when it is not said.
    private static func value(_ scanner: inout JSONScanner, _ path: String) throws -> Float? {
        guard scanner.nextKind() != .null else { return scanner.passNull() ? nil : nil }
        var value: Float?
        try scanner.message(path) { scanner, key in
            switch key {
            case "value": value = try scanner.protoFloat("\(path).value")
            case "type":
                let type = try scanner.protoText("\(path).type")
                guard type.map(AnalyzeRequest.scoreTypes.contains) ?? true else {
                    throw PerspectiveError.wrongKind("\(path).type", expected: "ScoreType")
                }
            default: return false
            }
            return true
        }
        guard let value else { throw PerspectiveError.refused("A score needs a value") }
        return value
    }
}
