internal import Foundation
internal import HTTPTypes
internal import NIOCore

/// Reads and writes `multipart/mixed` bodies whose parts are HTTP requests or answers.
enum MultipartMixed {
    /// One request inside a batch.
    struct Part: Sendable {
        /// The part's `Content-ID`, angle brackets and all; "" without one.
        var id: String
        /// nil when what the part holds is no request.
        var request: ServerRequest?
    }

    /// The boundary that a content type names; nil when it is not `multipart/mixed`, or names none.
    static func boundary(_ contentType: String?) -> String? {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/mixed") else { return nil }
        guard let start = contentType.range(of: "boundary=", options: .caseInsensitive)?.upperBound else {
            return nil
        }
        var value = contentType[start...].prefix { $0 != ";" }
        while value.last == " " { value.removeLast() }
        if value.first == "\"" { value = value.dropFirst().prefix { $0 != "\"" } }
        return value.isEmpty || value.utf8.count > 200 ? nil : String(value)
    }

    /// The parts of a body. Lines may end in LF or CRLF.
    ///
    /// - Returns: nil when the body does not hold the boundary, or more than `most` parts.
    static func parts(_ body: ByteBuffer, boundary: String, most: Int) -> [Part]? {
        let delimiter = Array("--\(boundary)".utf8)
        let bytes = Array(body.readableBytesView)
        var parts: [Part] = []
        var start: Int?
        var isClosed = false
        for line in lines(bytes[...]) where bytes[line.content].starts(with: delimiter) {
            let rest = bytes[line.content].dropFirst(delimiter.count)
            let isEnd = rest.starts(with: "--".utf8)
            guard isEnd || rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { continue }
            if let start, start <= line.content.lowerBound {
                guard parts.count < most else { return nil }
                parts.append(part(bytes[start..<line.content.lowerBound]))
            }
            start = line.next
            isClosed = isEnd
            if isEnd { break }
        }
        return isClosed ? parts : nil
    }

    private static func part(_ bytes: ArraySlice<UInt8>) -> Part {
        let (fields, content) = head(bytes)
        let id = fields[.contentID] ?? ""
        guard let first = lines(content).first else { return Part(id: id) }
        let words = String(decoding: content[first.content], as: UTF8.self).split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/"), let method = HTTPRequest.Method(String(words[0]))
        else {
            return Part(id: id)
        }
        let (headers, body) = head(content[first.next...])
        // What stands between the body and the boundary is the boundary's line end.
        let end = body.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { $0 + 1 } ?? body.startIndex
        return Part(
            id: id,
            request: ServerRequest(
                method: method, target: target(words[1]), headers: headers, host: headers[.host],
                body: ByteBuffer(bytes: body[..<end])))
    }

    /// A request line may hold a whole address; only path and query count.
    private static func target(_ text: Substring) -> String {
        guard let scheme = text.range(of: "://") else { return String(text) }
        return text[scheme.upperBound...].firstIndex(of: "/").map { String(text[$0...]) } ?? "/"
    }

    /// Header fields of a part that are read, as many as of a connection's request; the type holds no more than 65,534.
    private static let mostFields = 100

    /// Header lines up to a blank one, and what follows.
    private static func head(_ bytes: ArraySlice<UInt8>) -> (HTTPFields, ArraySlice<UInt8>) {
        var fields = HTTPFields()
        for line in lines(bytes) {
            guard !line.content.isEmpty else { return (fields, bytes[line.next...]) }
            let text = String(decoding: bytes[line.content], as: UTF8.self)
            guard fields.count < mostFields, let colon = text.firstIndex(of: ":"),
                let name = HTTPField.Name(String(text[..<colon]))
            else {
                continue
            }
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields[name] = String(value)
        }
        return (fields, [])
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) -> LineSequence { LineSequence(bytes: bytes) }

    /// Lines without their ends.
    private struct LineSequence: Sequence, IteratorProtocol {
        let bytes: ArraySlice<UInt8>
        var place: Int

        init(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            place = bytes.startIndex
        }

        var first: (content: Range<Int>, next: Int)? {
            var copy = self
            return copy.next()
        }

        mutating func next() -> (content: Range<Int>, next: Int)? {
            guard place < bytes.endIndex else { return nil }
            let feed = bytes[place...].firstIndex(of: 0x0A)
            let next = feed.map { $0 + 1 } ?? bytes.endIndex
            var end = feed ?? bytes.endIndex
            if end > place, bytes[end - 1] == 0x0D { end -= 1 }
            defer { place = next }
            return (place..<end, next)
        }
    }

    // MARK: Writing

    /// The answer to a part, with the id the client knows it by.
    static func append(_ response: ServerResponse, id: String, boundary: String, to output: inout [UInt8]) {
        var head = "--\(boundary)\r\nContent-Type: application/http\r\n"
        if !id.isEmpty { head += "Content-ID: \(responseID(id))\r\n" }
        head +=
            "\r\nHTTP/1.1 \(response.status.code) \(phrase(response.status))\r\nContent-Type: \(response.contentType)\r\n"
        for field in response.headers { head += "\(field.name.rawName): \(field.value)\r\n" }
        head += "Content-Length: \(response.body.count)\r\n\r\n"
        output += head.utf8
        output += response.body
        output += "\r\n".utf8
    }

    /// A status line has three parts for some clients; a status made from its number has no words.
    private static func phrase(_ status: HTTPResponse.Status) -> String {
        let known: [HTTPResponse.Status] = [
            .ok, .badRequest, .forbidden, .notFound, .tooManyRequests, .internalServerError,
            .serviceUnavailable,
            .gatewayTimeout,
        ]
        return known.first { $0.code == status.code }?.reasonPhrase ?? "Status"
    }

    /// `<A + B>` becomes `<response-A + B>`.
    static func responseID(_ id: String) -> String {
        id.hasPrefix("<") ? "<response-" + id.dropFirst() : "response-" + id
    }
}

extension HTTPField.Name {
    static let contentID = Self("content-id") ?? .contentType
}
