/// A report as one HTML file that needs nothing else: no host, no font, no library.
///
/// Text from outside is escaped wherever it appears, and the page forbids itself to load or send anything.
/// Without scripts everything still works; the script only hides blurred text from screen readers and opens
/// what is folded before printing.
public enum HTMLReport {
    /// Renders the page.
    ///
    /// - Parameters:
    ///   - report: what was found out.
    ///   - samples: continuations to show behind a click; without any that section says so.
    /// - Returns: the file's text, to be written as UTF-8.
    public static func render(_ report: ComparisonReport, samples: ReportSamples = ReportSamples()) -> String
    {
        let headline = Headline(of: report)
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="theriac">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src \
            'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
            <link rel="icon" href="data:,">
            <title>\(report.title) – Theriac report</title>
            <style>\(PageStyle.source)</style>
            </head>
            <body>
            <a class="skip" href="#comparison">Skip to the comparison</a>
            \(HeaderSection(report: report, headline: headline).markup)
            <main>
            \(ComparisonSection(report: report).markup)
            \(TradeOffSection(report: report).markup)
            \(DistributionSection(report: report).markup)
            \(GroupSection(report: report).markup)
            \(FluencyByGroupSection(report: report).markup)
            \(SamplesSection(report: report, samples: samples).markup)
            \(MeasuresSection(report: report).markup)
            \(ProvenanceSection(report: report).markup)
            </main>
            <script>\(PageScript.source)</script>
            </body>
            </html>

            """
        return page.source
    }
}
