internal import Foundation
internal import Synchronization
internal import TheriacAudit
internal import TheriacFiles

/// Who is signed in to the operator's page. In memory only: a restart signs everybody out.
final class OperatorSessions: Sendable {
    struct Session: Sendable {
        /// Of the key that opened it. The session is worth nothing once that key is disabled.
        var label: String
        /// What forms of this session must bring back, so that no other site can send them.
        var formToken: String
        var expires: ContinuousClock.Instant
    }

    static let lifetime = Duration.seconds(12 * 3600)
    /// Sessions at once; the one that ends first gives way.
    static let most = 64

    /// What forms must bring back from visitors without a session.
    let formToken = OperatorSessions.makeToken()
    /// By the SHA-256 of the cookie: looking one up says nothing about the others.
    private let open = Mutex<[String: Session]>([:])

    /// Begins a session.
    /// - Returns: the cookie's value.
    func begin(label: String, now: ContinuousClock.Instant = .now) -> String {
        let cookie = Self.makeToken()
        let session = Session(label: label, formToken: Self.makeToken(), expires: now + Self.lifetime)
        open.withLock { open in
            open = open.filter { $0.value.expires > now }
            if open.count >= Self.most,
                let oldest = open.min(by: { $0.value.expires < $1.value.expires })?.key
            {
                open[oldest] = nil
            }
            open[sha256(of: Data(cookie.utf8))] = session
        }
        return cookie
    }

    func session(of cookie: String, now: ContinuousClock.Instant = .now) -> Session? {
        let name = sha256(of: Data(cookie.utf8))
        return open.withLock { $0[name] }.flatMap { $0.expires > now ? $0 : nil }
    }

    func end(_ cookie: String) {
        let name = sha256(of: Data(cookie.utf8))
        open.withLock { $0[name] = nil }
    }

    /// 32 random bytes in hexadecimal.
    private static func makeToken() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max, using: &random), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
