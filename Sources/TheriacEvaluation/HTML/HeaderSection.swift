import Foundation
import TheriacCorpora
import TheriacDetection

/// The top of the page: what changed, on what it rests, and what to beware of.
struct HeaderSection {
    let report: ComparisonReport
    let headline: Headline

    var markup: Markup {
        """
        <header class="top">
        <p class="kicker">\(report.title)</p>
        <h1>\(headline.sentence)</h1>
        <p class="lede">\(headline.details.joined(separator: " "))</p>
        \(facts)
        \(warnings)
        </header>
        """
    }

    private var facts: Markup {
        guard let arm = report.baseline?.arm else { return .empty }
        let facts: [(String, String)] = [
            ("Model", arm.model.name),
            ("Prompts", arm.prompts.name),
            ("Judge", "\(arm.judge.name) \(arm.judge.version)"),
            ("Date", Self.day(report.provenance.finished)),
        ]
        let entries = facts.map { "<div><dt>\($0.0)</dt><dd>\(Markup.text($0.1))</dd></div>" as Markup }
        return "<dl class=\"facts\">\(entries)</dl>"
    }

    private var warnings: Markup {
        guard !report.warnings.isEmpty else { return .empty }
        return """
            <div class="beware" role="note"><h2>Before you trust these numbers</h2>
            <ul>\(report.warnings.map { "<li>\(Markup.text($0))</li>" as Markup })</ul></div>
            """
    }

    static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}
