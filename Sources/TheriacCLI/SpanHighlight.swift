internal import Foundation
internal import Theriac
internal import TheriacDetection

/// A text with its toxic stretches in colour, for a person at a terminal.
struct SpanHighlight {
    /// One line, without anything that a terminal would obey.
    let text: String

    /// Nil when standard output is no terminal, or the line has no spans.
    ///
    /// `everySpan`: colours those too whose words alone are not toxic.
    init?(_ line: Scoring.Line, everySpan: Bool) {
        guard isatty(STDOUT_FILENO) == 1, let spans = line.spans else { return nil }
        let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        self.init(
            line.text,
            toxic: spans.filter { everySpan || ($0.verdict.toxicity ?? 0) >= 0.5 }.map(\.span.scalars),
            marks: isPlain ? ("[", "]") : ("\u{1B}[1;31m", "\u{1B}[0m"))
    }

    /// `toxic`: ranges of scalars in order.
    init(_ text: String, toxic: [Range<Int>], marks: (String, String)) {
        let starts = Set(toxic.map(\.lowerBound))
        let ends = Set(toxic.map(\.upperBound))
        var shown = "    "
        for (place, scalar) in text.unicodeScalars.enumerated() {
            if ends.contains(place) { shown += marks.1 }
            if starts.contains(place) { shown += marks.0 }
            shown.unicodeScalars.append(Self.harmless(scalar))
        }
        if ends.contains(text.unicodeScalars.count) { shown += marks.1 }
        self.text = shown
    }

    /// Where each span is and how toxic: `4-9:0.91 20-25:0.55`.
    static func places(_ line: Scoring.Line) -> String {
        (line.spans ?? []).map { span in
            let range = span.span.range(in: line.offsets)
            let score = span.verdict.toxicity.map { String(format: "%.3f", $0) } ?? "–"
            return "\(range.lowerBound)-\(range.upperBound):\(score)"
        }.joined(separator: " ")
    }

    /// Line breaks become blanks; controls and what turns the direction of writing become a middle dot.
    private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.properties.isWhitespace { return " " }
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069: return "·"
        default: return scalar.properties.generalCategory == .control ? "·" : scalar
        }
    }
}
