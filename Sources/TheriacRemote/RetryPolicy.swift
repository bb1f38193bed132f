import Foundation
import NIOHTTP1

/// When a request is sent again, and after how long: exponential back-off with jitter, and the server's own wish before it.
///
/// Sent again: 408, 429 and 5xx (but 501 and 505), connections that failed or broke, time-outs, answers that are not whole.
/// Never: any other 4xx. Headers `Retry-After` (seconds or date), `retry-after-ms` and `x-should-retry` are honoured.
struct RetryPolicy: Sendable {
    var attempts: Int
    var firstWait: Double
    var longestWait: Double

    init(attempts: Int, firstWait: Double, longestWait: Double) {
        self.attempts = attempts
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    init(_ settings: RemoteSettings) {
        attempts = settings.attempts
        firstWait = settings.firstWait
        longestWait = settings.longestWait
    }

    /// Seconds before the next attempt when the server says nothing: doubled each time, and between half and all of that, so
    /// that clients that failed together do not come back together.
    ///
    /// - Parameters:
    ///   - attempt: attempts made so far, at least 1.
    ///   - uniform: a draw in `0..<1`.
    func wait(after attempt: Int, uniform: Double) -> Double {
        min(longestWait, firstWait * pow(2, Double(attempt - 1))) * (0.5 + 0.5 * uniform)
    }

    /// Whether an answer of this status is worth another try.
    static func isTransient(status: Int, headers: HTTPHeaders) -> Bool {
        switch headers.first(name: "x-should-retry")?.lowercased() {
        case "true": true
        case "false": false
        default: status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505)
        }
    }

    /// Seconds the server asks to wait; nil when it says nothing that can be read.
    static func wish(in headers: HTTPHeaders, now: Date = Date()) -> Double? {
        if let text = headers.first(name: "retry-after-ms"), let value = Double(text), value.isFinite {
            return max(0, value / 1000)
        }
        guard let text = headers.first(name: "Retry-After")?.trimmingCharacters(in: .whitespaces) else {
            return nil
        }
        if let seconds = Double(text), seconds.isFinite { return max(0, seconds) }
        return date(text).map { max(0, $0.timeIntervalSince(now)) }
    }

    /// `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110, 5.6.7).
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}
