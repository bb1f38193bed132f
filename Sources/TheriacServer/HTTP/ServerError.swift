/// What can go wrong on any route. Each ``Dialect`` has its own words for it.
enum ServerError: Error, Equatable {
    case notFound
    case bodyTooLarge(limit: Int)
    /// Not JSON, with where and why; never the text.
    case malformedJSON(String)
    case missingKey
    case unknownKey
    case quotaExceeded(perMinute: Int, retryAfter: Int)
    case queueFull(retryAfter: Int)
    case deadlineExceeded
    case shuttingDown
    /// The detector gave no score for a text that is not blank.
    case unscored
    case unavailable
    case failed
}
