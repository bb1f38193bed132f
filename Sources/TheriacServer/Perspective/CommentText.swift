internal import TheriacFiles

/// A text with its type, as `comment` and the entries of a context hold it.
struct CommentText: Sendable {
    var text = ""
    /// As written; nil when absent.
    var type: String?

    init() {}

    init(_ scanner: inout JSONScanner, _ path: String) throws {
        try scanner.message(path) { scanner, key in
            switch key {
            case "text": text = try scanner.protoText("\(path).text") ?? ""
            case "type": type = try scanner.protoText("\(path).type")
            default: return false
            }
            return true
        }
    }

    /// - Throws: ``PerspectiveError`` when the text is empty, too long, or of a type that nobody scores.
    func check(limit: Int) throws(PerspectiveError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= limit else { throw .tooLong(text.utf8.count, limit: limit) }
        switch type {
        case nil, "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED": break
        case "HTML": throw .notPlain
        default: throw .unknownTextType
        }
    }
}

/// What stands around a comment. Checked, and otherwise without influence, as it always was.
struct CommentContext: Sendable {
    private var hasEntries = false
    private var hasArticle = false

    init() {}

    init(_ scanner: inout JSONScanner) throws {
        try scanner.message("context") { scanner, key in
            switch key {
            case "entries":
                guard scanner.nextKind() != .null else { return scanner.passNull() }
                guard scanner.nextKind() == .array else {
                    throw PerspectiveError.wrongKind("context.entries", expected: "TYPE_MESSAGE")
                }
                try scanner.beginArray()
                var first = true
                while try scanner.nextElement(&first) {
                    _ = try CommentText(&scanner, "context.entries[0]")
                    hasEntries = true
                }
            case "articleAndParentComment", "article_and_parent_comment":
                hasArticle = scanner.nextKind() != .null
                try scanner.message("context.article_and_parent_comment") { scanner, key in
                    switch key {
                    case "article":
                        _ = try CommentText(&scanner, "context.article_and_parent_comment.article")
                    case "parentComment", "parent_comment":
                        _ = try CommentText(&scanner, "context.article_and_parent_comment.parent_comment")
                    default: return false
                    }
                    return true
                }
            default: return false
            }
            return true
        }
    }

    func check() throws(PerspectiveError) {
        guard !(hasEntries && hasArticle) else { throw .twoContexts }
    }
}
