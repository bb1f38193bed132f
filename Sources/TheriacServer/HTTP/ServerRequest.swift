internal import HTTPTypes
internal import NIOCore

/// One request as routes see it: from a connection, or a part of a batch.
struct ServerRequest: Sendable {
    var method: HTTPRequest.Method
    /// Decoded, without the query.
    var path: String
    var query: QueryParameters
    var headers: HTTPFields
    /// The host the client named, with its port.
    var host: String?
    var isSecure = false
    /// From the batch that this is a part of.
    var outer: HTTPFields?
    var body: ByteBuffer

    /// - Parameter target: path and query as the request line has them.
    init(
        method: HTTPRequest.Method, target: String, headers: HTTPFields, host: String?, body: ByteBuffer
    ) {
        self.method = method
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = QueryParameters.decoded(target[..<(mark ?? target.endIndex)], plus: false)
        query = QueryParameters(mark.map { target[target.index(after: $0)...] } ?? "")
        self.headers = headers
        self.host = host
        self.body = body
    }

    /// The key the caller shows: `key=`, `X-Goog-Api-Key` or a bearer token; of a batch's part also the batch's.
    var key: String? {
        if let key = query["key"], !key.isEmpty { return key }
        return Self.key(in: headers) ?? outer.flatMap(Self.key)
    }

    private static func key(in headers: HTTPFields) -> String? {
        if let key = headers[.googleKey], !key.isEmpty { return key }
        guard let authorization = headers[.authorization], authorization.lowercased().hasPrefix("bearer ")
        else {
            return nil
        }
        return String(authorization.dropFirst(7).drop { $0 == " " })
    }
}

/// One answer.
struct ServerResponse: Sendable {
    var status = HTTPResponse.Status.ok
    var contentType = "application/json; charset=UTF-8"
    var headers = HTTPFields()
    var body: [UInt8]
    /// Writes the body piece by piece instead.
    var stream: (@Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void)?
}

extension HTTPField.Name {
    static let googleKey = Self("x-goog-api-key") ?? .authorization
    static let requestID = Self("x-request-id") ?? .server
    static let detector = Self("theriac-detector") ?? .server
    static let revision = Self("theriac-revision") ?? .server
    static let unscored = Self("theriac-unscored") ?? .server
    static let forwardedHost = Self("x-forwarded-host") ?? .host
    static let forwardedScheme = Self("x-forwarded-proto") ?? .host
}

extension HTTPField.Name { static let host = Self("host") ?? .origin }
