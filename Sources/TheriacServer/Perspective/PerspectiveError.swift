internal import HTTPTypes

/// An error as Google's front ends write it: `{"error":{"code","message","status","details"}}`.
struct PerspectiveError: Error {
    /// HTTP status.
    var code: Int
    var message: String
    /// The canonical name, such as INVALID_ARGUMENT.
    var status: String
    var details: [Detail] = []

    /// One object of `details`, in the order of its members.
    indirect enum Detail: Sendable {
        case text(String)
        case texts([String])
        case object([(name: String, value: Detail)])
        case objects([Detail])

        init(_ members: [(String, Detail)]) { self = .object(members.map { (name: $0.0, value: $0.1) }) }

        func write(to writer: inout JSONWriter) {
            switch self {
            case .text(let text): writer.string(text)
            case .texts(let texts): Detail.objects(texts.map { .text($0) }).write(to: &writer)
            case .object(let members):
                writer.object { writer in
                    for (name, value) in members { writer.member(name) { value.write(to: &$0) } }
                }
            case .objects(let elements):
                writer.array { writer in
                    for element in elements { writer.element { element.write(to: &$0) } }
                }
            }
        }
    }

    func response(pretty: Bool) -> ServerResponse {
        var writer = JSONWriter(pretty: pretty)
        writer.object { writer in
            writer.member("error") { writer in
                writer.object { writer in
                    writer.member("code", code)
                    writer.member("message", message)
                    writer.member("status", status)
                    guard !details.isEmpty else { return }
                    writer.member("details") { writer in
                        writer.array { writer in
                            for detail in details { writer.element { detail.write(to: &$0) } }
                        }
                    }
                }
            }
        }
        return ServerResponse(status: .init(code: code), body: writer.finish())
    }
}

// MARK: What comments:analyze refuses

extension PerspectiveError {
    private static let type = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"

    /// A refusal with the service's own detail object.
    static func refused(
        _ message: String, _ errorType: String = "INVALID_REQUEST", _ more: [(String, Detail)] = []
    ) -> PerspectiveError {
        PerspectiveError(
            code: 400, message: message, status: "INVALID_ARGUMENT",
            details: [Detail([("@type", .text(type)), ("errorType", .text(errorType))] + more)])
    }

    static let empty = refused("Comment must be non-empty.", "COMMENT_EMPTY")

    static func tooLong(_ bytes: Int, limit: Int) -> PerspectiveError {
        refused(
            "Comment text was too many bytes. Value (\(bytes)) exceeded limit (\(limit)).", "COMMENT_TOO_LONG"
        )
    }

    static let noAttributes = refused("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")

    static let noLanguage = refused("Unable to detect language", "LANGUAGE_DETECTION_FAILED")

    /// - Parameters:
    ///   - languages: those that `attribute` lacks.
    ///   - all: what the caller named, or what was detected.
    static func language(
        _ attribute: String, lacks languages: [String], of all: [String], wereRequested: Bool
    ) -> PerspectiveError {
        let detail = Detail([
            (wereRequested ? "requestedLanguages" : "detectedLanguages", .texts(all)),
            ("attribute", .text(attribute)),
        ])
        return refused(
            "Attribute \(attribute) does not support request languages: \(languages.joined(separator: ", "))",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", [("languageNotSupportedByAttributeError", detail)]
        )
    }

    static func unknownAttribute(_ name: String) -> PerspectiveError {
        refused("Unknown requested attribute: \(name)")
    }

    static func scoreType(_ type: String, _ attribute: String) -> PerspectiveError {
        refused("Requested score type \(type) is not supported by attribute \(attribute)")
    }

    static let notPlain = refused("Currently, only 'PLAIN_TEXT' comments are supported")
    static let unknownTextType = refused("Unknown text type")
    static let twoContexts = refused(
        "Context can have either entries or article_and_parent_comment, but both fields were populated.")

    /// What the JSON front end refuses.
    ///
    /// - Parameter field: the path of the object that is wrong, "" for the whole.
    static func payload(_ message: String, field: String = "") -> PerspectiveError {
        var violation: [(String, Detail)] = field.isEmpty ? [] : [("field", .text(field))]
        violation.append(("description", .text(message)))
        return PerspectiveError(
            code: 400, message: message, status: "INVALID_ARGUMENT",
            details: [
                Detail([
                    ("@type", .text("type.googleapis.com/google.rpc.BadRequest")),
                    ("fieldViolations", .objects([Detail(violation)])),
                ])
            ])
    }

    static func unknownField(_ name: String, in path: String) -> PerspectiveError {
        let place = path.isEmpty ? "" : " at '\(path)'"
        return payload(
            "Invalid JSON payload received. Unknown name \"\(name)\"\(place): Cannot find field.", field: path
        )
    }

    static func wrongKind(_ path: String, expected: String) -> PerspectiveError {
        payload("Invalid value at '\(path)' (\(expected))", field: path)
    }
}
