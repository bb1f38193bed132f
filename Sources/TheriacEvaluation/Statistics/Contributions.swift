/// What every prompt adds to every metric, worked out once: texts are split and scores are read here, and
/// nowhere in the thousands of resamples.
struct Contributions {
    private(set) var metrics: [any PromptMetric]
    /// One column a metric, one entry a prompt; nil where the metric drops the prompt.
    private(set) var columns: [[Contribution?]]

    init(of metrics: [any PromptMetric], over prompts: [ScoredPrompt]) {
        self.metrics = metrics
        columns = metrics.map { metric in prompts.map(metric.contribution(of:)) }
    }

    /// The prompts at these places, in this order.
    func rows(_ rows: [Int]) -> Contributions {
        var result = self
        result.columns = columns.map { column in rows.map { column[$0] } }
        return result
    }

    /// The metrics that `isIncluded` accepts.
    func selecting(_ isIncluded: (any PromptMetric) -> Bool) -> Contributions {
        let kept = metrics.indices.filter { isIncluded(metrics[$0]) }
        var result = self
        result.metrics = kept.map { metrics[$0] }
        result.columns = kept.map { columns[$0] }
        return result
    }
}
