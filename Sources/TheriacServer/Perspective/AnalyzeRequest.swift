internal import NIOCore
internal import TheriacFiles

/// The body of `comments:analyze`, read and checked for its shape.
struct AnalyzeRequest: Sendable {
    /// One entry of `requestedAttributes`, in the order of the request.
    struct Requested: Sendable {
        /// As it was asked for, pin and all.
        var name: String
        var scoreType: String?
        /// Results below are left out.
        var threshold: Float?
    }

    var comment = CommentText()
    var context = CommentContext()
    var attributes: [Requested] = []
    var languages: [String] = []
    var spanAnnotations = false
    var doNotStore = false
    var dropUnsupportedAttributes = false
    var clientToken: String?
    var sessionID: String?
    var communityID: String?

    /// - Throws: ``PerspectiveError`` or `JSONError` when it is not such a request.
    init(_ body: ByteBuffer) throws {
        self = try body.withUnsafeReadableBytes { bytes in
            var scanner = JSONScanner(reading: bytes)
            let request = try AnalyzeRequest(&scanner)
            try scanner.finish()
            return request
        }
    }

    private init(_ scanner: inout JSONScanner) throws {
        try scanner.message("") { scanner, key in
            switch key {
            case "comment": comment = try CommentText(&scanner, "comment")
            case "requestedAttributes", "requested_attributes": attributes = try Self.attributes(&scanner)
            case "languages": languages = try scanner.protoTexts("languages")
            case "spanAnnotations", "span_annotations":
                spanAnnotations = try scanner.protoBool("span_annotations")
            case "doNotStore", "do_not_store": doNotStore = try scanner.protoBool("do_not_store")
            case "dropUnsupportedAttributes", "drop_unsupported_attributes":
                dropUnsupportedAttributes = try scanner.protoBool("drop_unsupported_attributes")
            case "clientToken", "client_token": clientToken = try scanner.protoText("client_token")
            case "sessionId", "session_id": sessionID = try scanner.protoText("session_id")
            case "communityId", "community_id": communityID = try scanner.protoText("community_id")
            case "context": context = try CommentContext(&scanner)
            // Listed as a field in an old table, and sent because of it.
            case "suggestCommentScore", "suggest_comment_score": try scanner.skipValue()
            default: return false
            }
            return true
        }
    }

    private static func attributes(_ scanner: inout JSONScanner) throws -> [Requested] {
        var found: [Requested] = []
        try scanner.message("requested_attributes") { scanner, name in
            var entry = Requested(name: name)
            try scanner.message("requested_attributes[0].value") { scanner, key in
                switch key {
                case "scoreType", "score_type":
                    let type = try scanner.protoText("score_type")
                    if let type, !Self.scoreTypes.contains(type) {
                        throw PerspectiveError.wrongKind(
                            "requested_attributes[0].value.score_type",
                            expected:
                                "type.googleapis.com/google.commentanalyzer.v1alpha1.AttributeParameters.ScoreType"
                        )
                    }
                    entry.scoreType = type
                case "scoreThreshold", "score_threshold":
                    entry.threshold = try scanner.protoFloat("score_threshold")
                default: return false
                }
                return true
            }
            // A name given twice counts as its last.
            found.removeAll { $0.name == name }
            guard found.count < Self.mostAttributes else {
                throw PerspectiveError.refused("More than \(Self.mostAttributes) attributes are requested")
            }
            found.append(entry)
            return true
        }
        return found
    }

    /// Names in one request: far more than there are, and few enough to compare each with all.
    static let mostAttributes = 200

    static let scoreTypes: Set<String> = [
        "SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW",
    ]
}
