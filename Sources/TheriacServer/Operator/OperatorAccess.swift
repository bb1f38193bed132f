internal import Foundation
internal import NIOCore
internal import HTTPTypes
internal import TheriacAudit

/// Somebody who may see the operator's page.
struct OperatorVisitor: Sendable {
    /// Stands in reviews as who decided.
    var name: String
    /// What his forms must bring back.
    var formToken: String
    /// Whether a cookie let him in, which he can give back.
    var hasSession = false
}

extension RequestScope {
    /// The visitor, when he may see the operator's page.
    ///
    /// Where the server listens on this machine only and is asked under a name of this machine, everybody is let in: who
    /// runs programs here can read the store anyway. The name is looked at because a page from elsewhere can point a
    /// name of its own at this machine (DNS rebinding), and a proxy's requests come from this machine too. Else it
    /// takes an operator's key: by the cookie of a session, as the password of basic authentication, or as callers of
    /// the other routes show theirs; never in the address.
    func visitor(_ request: ServerRequest) throws(ServerError) -> OperatorVisitor? {
        let stored = try storedKeys()
        if let cookie = request.cookie(OperatorCookie.name),
            let session = services.sessions.session(of: cookie),
            state.keys.opensPage(label: session.label) || stored.opensPage(label: session.label)
        {
            return OperatorVisitor(name: session.label, formToken: session.formToken, hasSession: true)
        }
        if let key = request.operatorKey, let entry = operatorKey(key, stored) {
            return OperatorVisitor(name: entry.label, formToken: services.sessions.formToken)
        }
        guard settings.isLoopback, request.isLocal else { return nil }
        return OperatorVisitor(name: "operator", formToken: services.sessions.formToken)
    }

    /// The key with this secret, when it opens the page.
    func operatorKey(_ secret: String, _ stored: KeyRing) -> ServiceKey? {
        guard let key = state.keys.key(for: secret) ?? stored.key(for: secret), key.role == .operator else {
            return nil
        }
        return key
    }
}

enum OperatorCookie {
    static let name = "theriac-operator"

    /// - Parameter value: nil takes the cookie back.
    static func field(_ value: String?, isSecure: Bool) -> String {
        let age = value == nil ? 0 : 12 * 3600
        return "\(name)=\(value ?? ""); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(age)"
            + (isSecure ? "; Secure" : "")
    }
}

extension ServerRequest {
    func cookie(_ name: String) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if sides.count == 2, sides[0] == name { return String(sides[1]) }
            }
        }
        return nil
    }

    /// A key in the head: the password of basic authentication, a bearer token, or `X-Goog-Api-Key`.
    var operatorKey: String? {
        if let authorization = headers[.authorization], authorization.lowercased().hasPrefix("basic ") {
            let encoded = authorization.dropFirst(6).drop { $0 == " " }
            guard let data = Data(base64Encoded: String(encoded)) else { return nil }
            let words = String(decoding: data, as: UTF8.self).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return words.count == 2 ? String(words[1]) : nil
        }
        return query["key"] == nil ? key : nil
    }

    /// Whether it was asked of this machine by a name of this machine, and not through a proxy.
    var isLocal: Bool {
        guard !HTTPField.Name.proxies.contains(where: { headers[$0] != nil }) else { return false }
        let hosts = [host].compactMap { $0 } + headers[values: .host]
        return !hosts.isEmpty && hosts.allSatisfy(Self.isOfThisMachine)
    }

    private static func isOfThisMachine(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        if name == "localhost" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a browser sent it from a page of this server, as far as the head tells; programs send neither field.
    var isFromOwnPage: Bool {
        if let site = headers[.fetchSite], site != "same-origin", site != "none" { return false }
        guard let origin = headers[.origin] else { return true }
        guard let host, let behind = origin.range(of: "://") else { return false }
        return origin[behind.upperBound...].lowercased() == host.lowercased()
    }

    /// The fields of a form in the body; nil when it is too long for one.
    var form: QueryParameters? {
        guard body.readableBytes <= 64 << 10 else { return nil }
        return QueryParameters(Substring(String(buffer: body)))
    }
}

extension HTTPField.Name {
    fileprivate static let fetchSite = Self("sec-fetch-site") ?? .origin
    fileprivate static let proxies: [HTTPField.Name] = [
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via",
    ].compactMap { Self($0) }
}
