internal import Foundation
internal import TheriacEvaluation

/// The page's drawings. Each has a table beside it, so that they are hidden from screen readers but for a title.
///
/// An outer picture takes the width it is given and places words by percentages, so that they keep their size; inner
/// ones stretch what has no words.
enum OperatorCharts {
    /// Height of a plot, and of the plot with the times below, in pixels.
    private static let plot = 132.0
    private static let full = 156.0

    // MARK: Requests

    /// One bar a stretch of time, by outcome, failures at the bottom where they cannot be missed.
    static func traffic(_ points: [OperatorSummary.Point], step: Int) -> Markup {
        let most = points.map(\.requests).max() ?? 0
        let scale = PlotScale(fromZeroTo: Double(max(most, 4)))
        let parts: [(String, (OperatorSummary.Point) -> Int)] = [
            ("failed", \.failed), ("limited", \.limited), ("refused", \.refused), ("answered", \.answered),
        ]
        var below = [Double](repeating: 0, count: points.count)
        let bars = parts.map { name, count -> Markup in
            var path = ""
            for (place, point) in points.enumerated() where count(point) > 0 {
                let height = Double(count(point)) / scale.range.upperBound * 100
                below[place] += height
                let corner = "\(number(Double(place) + 0.1)) \(number(100 - below[place]))"
                path += "M\(corner)h.8v\(number(height))h-.8z"
            }
            return path.isEmpty ? .empty : "<path class=\"\(name)\" d=\"\(path)\"/>"
        }
        let title = "Requests in stretches of \(step == 1 ? "a minute" : "\(step) minutes")"
        return frame(
            title,
            grid: scale.ticks.filter { $0 > 0 }.map { (scale.position(of: $0), count($0)) },
            points.map(\.start),
            bars.joined(separator: .empty))
    }

    // MARK: Latency

    /// The median, and the band up to the 99th percentile, on a logarithmic scale.
    static func latency(_ points: [OperatorSummary.Point]) -> Markup {
        let values = points.flatMap { [$0.median, $0.percentile99].compactMap { $0 } }
        let low = floor(log10(max(0.1, values.min() ?? 1)))
        let high = max(low + 1, ceil(log10(max(0.2, values.max() ?? 10))))
        func y(_ value: Double) -> Double { 100 - (log10(max(value, 0.01)) - low) / (high - low) * 100 }
        var (band, middle, top) = ("", "", "")
        var wasThere = false
        for (place, point) in points.enumerated() {
            guard let median = point.median, let p99 = point.percentile99 else {
                wasThere = false
                continue
            }
            let pen = wasThere ? "L" : "M"
            band += "M\(place) \(number(y(p99)))h1V\(number(y(median)))h-1z"
            middle += "\(pen)\(place) \(number(y(median)))h1"
            top += "\(pen)\(place) \(number(y(p99)))h1"
            wasThere = true
        }
        let ticks = stride(from: low, through: high, by: 1).map { power -> (place: Double, words: String) in
            ((power - low) / (high - low), tick(pow(10, power)))
        }
        return frame(
            "Time until the answer: median and 99th percentile", grid: ticks, points.map(\.start),
            """
            <path class="band" d="\(band)"/><path class="line thin" \
            d="\(top)"/><path class="line" d="\(middle)"/>
            """)
    }

    // MARK: Scores

    /// Time from left to right, scores from 0 below to 1 above; the more of a stretch's texts, the darker.
    static func scores(_ row: OperatorSummary.AttributeRow, title: String) -> Markup {
        let bins = TrafficHistory.scoreBins
        var levels = [String](repeating: "", count: 5)
        for (column, counts) in row.histograms.enumerated() {
            let total = counts.reduce(0, +)
            guard total > 0 else { continue }
            for (bin, count) in counts.enumerated() where count > 0 {
                // The square root lets the few high scores be seen beside the many low ones.
                let share = (Double(count) / Double(total)).squareRoot()
                let level = min(4, Int(share * 5))
                levels[level] += "M\(column) \(bins - 1 - bin)h1v1h-1z"
            }
        }
        let cells = levels.enumerated().map { level, path -> Markup in
            path.isEmpty ? .empty : "<path class=\"heat-\(level)\" d=\"\(path)\"/>"
        }
        return """
            <svg class="heat" role="img" aria-label="\(title)"><svg viewBox="0 0 \(row.histograms.count) \(bins)" \
            preserveAspectRatio="none" width="100%" height="84">\(cells)</svg>\
            <line class="half" x1="0" x2="100%" y1="42" y2="42"/></svg>
            """
    }

    /// A share as a bar.
    static func bar(_ share: Double, _ name: String = "answered") -> Markup {
        """
        <svg class="meter" aria-hidden="true"><rect class="\(name)" width="\(Markup.number(min(1, max(0, share)) * 100))%" \
        height="100%" rx="2"/></svg>
        """
    }

    // MARK: Parts

    private static func frame(
        _ title: String, grid: [(place: Double, words: String)], _ times: [Date], _ inner: Markup
    ) -> Markup {
        let lines = grid.map { tick -> Markup in
            let y = (1 - tick.place) * (plot - 18) + 18
            return """
                <line class="grid" x1="0" x2="100%" y1="\(Markup.number(y))" y2="\(Markup.number(y))"/>\
                <text class="tick" x="0" y="\(Markup.number(y - 4))">\(tick.words)</text>
                """
        }
        let last = max(1, times.count)
        let labels = [0, times.count / 4, times.count / 2, times.count * 3 / 4].compactMap {
            place -> Markup? in
            guard times.indices.contains(place) else { return nil }
            let x = Double(place) / Double(last) * 100
            return """
                <text class="tick\(place == 0 ? "" : " middle")" x="\(Markup.number(x))%" \
                y="\(Markup.number(full - 4))">\(clock(times[place]))</text>
                """
        }
        return """
            <svg class="chart" role="img" aria-label="\(title)">\(lines)<svg y="18" width="100%" \
            height="\(Markup.number(plot - 18))" viewBox="0 0 \(max(1, times.count)) 100" \
            preserveAspectRatio="none">\(inner)</svg><line class="base" x1="0" x2="100%" y1="\(Markup.number(plot))" \
            y2="\(Markup.number(plot))"/>\(labels)<text class="tick end" x="100%" \
            y="\(Markup.number(full - 4))">now</text></svg>
            """
    }

    /// Hours and minutes of UTC.
    static func clock(_ time: Date) -> String {
        let minutes = Int(time.timeIntervalSince1970 / 60) % 1440
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// A power of ten of milliseconds.
    private static func tick(_ value: Double) -> String {
        value >= 1000 ? String(format: "%g s", value / 1000) : String(format: "%g ms", value)
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value >= 999.5 { return String(format: value < 9995 ? "%.1f s" : "%.0f s", value / 1000) }
        return String(format: value < 9.95 ? "%.1f ms" : "%.0f ms", value)
    }

    /// With a thin space between thousands.
    static func count(_ value: Double) -> String { count(Int(value.rounded())) }

    static func count(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert("\u{202F}", at: place)
            place -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    static func percent(_ share: Double?) -> String {
        guard let share else { return "–" }
        let value = share * 100
        return String(format: value > 0 && value < 9.95 ? "%.1f %%" : "%.0f %%", value)
    }

    private static func number(_ value: Double) -> String { Markup.number(value).source }
}
