/// What every metric asks of its input.
enum MetricInput {
    static func check(scores: [Double], count: Int, metric: String) throws {
        guard scores.count == count else {
            throw DetectionError.metric(name: metric, reason: "\(scores.count) scores for \(count) labels")
        }
        guard count > 0 else { throw DetectionError.metric(name: metric, reason: "there are no texts") }
        guard let bad = scores.firstIndex(where: \.isNaN) else { return }
        throw DetectionError.metric(name: metric, reason: "score \(bad) is not a number")
    }
}
