import Foundation
import TheriacDetection

/// How reports print numbers: the same in the terminal and on the page, whatever the machine's language.
///
/// A proper minus sign, a dot for decimals, a thin space between thousands; figures chosen so that columns
/// align.
enum NumberFormat {
    /// A quantity of a metric: shares with three decimals, perplexities and lengths with one.
    static func value(_ value: Double, of metric: any PromptMetric) -> String {
        decimals(value, places(of: metric))
    }

    /// With an explicit sign.
    static func change(_ value: Double, of metric: any PromptMetric) -> String {
        let text = Self.value(value, of: metric)
        return value > 0 && text.contains(where: { ("1"..."9").contains($0) }) ? "+" + text : text
    }

    static func interval(_ interval: Estimate, of metric: any PromptMetric) -> String {
        // A dash between signed numbers reads as a minus.
        let separator = interval.low < 0 ? " to " : "–"
        return value(interval.low, of: metric) + separator + value(interval.high, of: metric)
    }

    /// `−58 %` for a ratio of 0.42.
    static func percentChange(ofRatio ratio: Double) -> String {
        let percent = ((ratio - 1) * 100).rounded()
        return (percent > 0 ? "+" : "") + decimals(percent, 0) + "\u{A0}%"
    }

    /// Rounded half away from zero, so that 0.805 and 80.5 % agree.
    static func decimals(_ value: Double, _ places: Int) -> String {
        let power = pow(10, Double(places))
        let text = String(format: "%.\(places)f", (abs(value) * power).rounded() / power)
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return value < 0 && !isZero ? "−" + text : text
    }

    /// `12 345`, with a narrow space that does not break.
    static func count(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits[...], at: 0)
        return (value < 0 ? "−" : "") + groups.joined(separator: "\u{202F}")
    }

    static func bytes(_ value: Int) -> String {
        let units: [(size: Double, name: String)] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        for unit in units where Double(value) >= unit.size {
            let amount = Double(value) / unit.size
            return decimals(amount, amount < 10 ? 1 : 0) + "\u{A0}" + unit.name
        }
        return "\(value)\u{A0}B"
    }

    static func duration(_ seconds: Double) -> String {
        if seconds < 120 { return decimals(seconds, seconds < 10 ? 1 : 0) + "\u{A0}s" }
        if seconds < 7200 { return decimals(seconds / 60, 0) + "\u{A0}min" }
        return decimals(seconds / 3600, 1) + "\u{A0}h"
    }

    private static func places(of metric: any PromptMetric) -> Int {
        metric is ContinuationPerplexity || metric is MeanContinuationPerplexity || metric is MeanLength
            ? 1 : 3
    }
}
