internal import Synchronization

/// How often each caller may ask: a bucket of tokens for each, filled evenly, one taken a request.
final class Quota: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    private let buckets = Mutex<[String: Bucket]>([:])

    /// Takes one token from the caller's bucket.
    ///
    /// - Parameters:
    ///   - perMinute: how fast the bucket fills.
    ///   - burst: how much it holds.
    /// - Throws: ``ServerError/quotaExceeded(perMinute:retryAfter:)`` when it is empty.
    func take(
        _ caller: String, perMinute: Int, burst: Int, now: ContinuousClock.Instant = .now
    ) throws(ServerError) {
        let rate = Double(perMinute) / 60
        let wait = buckets.withLock { buckets -> Double? in
            var bucket = buckets[caller] ?? Bucket(tokens: Double(burst), filled: now)
            let passed = (now - bucket.filled) / .seconds(1)
            bucket.tokens = min(Double(burst), bucket.tokens + max(0, passed) * rate)
            bucket.filled = now
            let isEnough = bucket.tokens >= 1
            if isEnough { bucket.tokens -= 1 }
            buckets[caller] = bucket
            return isEnough ? nil : (1 - bucket.tokens) / rate
        }
        if let wait {
            throw .quotaExceeded(perMinute: perMinute, retryAfter: max(1, Int(wait.rounded(.up))))
        }
    }
}
