/// Metrics as text: Prometheus 0.0.4, or OpenMetrics 1.0.
struct Exposition {
    let isOpenMetrics: Bool
    private(set) var text = ""

    init(openMetrics: Bool) { isOpenMetrics = openMetrics }

    var contentType: String {
        isOpenMetrics
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8"
    }

    /// Begins a family. The older format names counters with their ending.
    mutating func begin(_ name: String, _ type: String, _ help: String) {
        let name = type == "counter" && !isOpenMetrics ? "\(name)_total" : name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: Int) { line(name, labels, "\(value)") }

    mutating func sample(_ name: String, _ labels: String, _ value: Double) { line(name, labels, "\(value)") }

    mutating func histogram(_ name: String, _ labels: String, _ histogram: Histogram) {
        let counts = histogram.cumulative
        let comma = labels.isEmpty ? "" : ","
        for (place, count) in counts.enumerated() {
            let bound = place < histogram.bounds.count ? "\(histogram.bounds[place])" : "+Inf"
            line("\(name)_bucket", "\(labels)\(comma)le=\"\(bound)\"", "\(count)")
        }
        line("\(name)_sum", labels, "\(histogram.sum)")
        line("\(name)_count", labels, "\(counts.last ?? 0)")
    }

    mutating func finish() { if isOpenMetrics { text += "# EOF\n" } }

    private mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}
