import TheriacCorpora
public import TheriacDetection

/// A comparison of two detectors as one HTML file that needs nothing else, like ``HTMLReport``. It shows no text.
public enum DetectorComparisonPage {
    /// Renders the page.
    /// - Returns: the file's text, to be written as UTF-8.
    public static func render(_ comparison: DetectorComparison) -> String {
        let title = "\(comparison.first.name) beside \(comparison.second.name)"
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="theriac">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src \
            'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
            <link rel="icon" href="data:,">
            <title>\(title) – Theriac</title>
            <style>\(PageStyle.source)</style>
            </head>
            <body>
            <header class="top"><p class="kicker">Two detectors on the same texts</p>
            <h1>\(title)</h1>
            <dl class="facts"><div><dt>Across</dt><dd>\(name(comparison.first))</dd></div>
            <div><dt>Up</dt><dd>\(name(comparison.second))</dd></div>
            <div><dt>Texts</dt><dd>\(Markup.text(comparison.texts)), \(NumberFormat.count(comparison.count))</dd>\
            </div></dl></header>
            <main>
            \(table(comparison))
            \(comparison.attributes.map { DetectorComparisonPlots(attribute: $0).markup })
            </main>
            </body>
            </html>

            """
        return page.source
    }

    private static func name(_ side: DetectorComparison.Side) -> Markup {
        .text(side.identity?.description ?? "\(side.name), stored scores")
    }

    private static func table(_ comparison: DetectorComparison) -> Markup {
        let rows = comparison.attributes.map { row -> Markup in
            let cells = [row.pearson, row.spearman, row.kendall, row.meanAbsoluteDifference].map { cell($0) }
            return """
                <tr><th scope="row">\(row.attribute.rawValue)</th><td>\(row.texts)</td>\(cells)</tr>
                """
        }
        return """
            <section aria-labelledby="table-title"><h2 id="table-title">How alike they are</h2>
            <p class="note">With 95&nbsp;% bootstrap intervals over texts.</p>
            <div class="scroll"><table class="lookup"><thead><tr><th scope="col">Attribute</th>\
            <th scope="col">Texts</th><th scope="col">Pearson</th><th scope="col">Spearman</th>\
            <th scope="col">Kendall</th><th scope="col">Mean abs. difference</th></tr></thead>
            <tbody>\(rows)</tbody></table></div></section>
            """
    }

    private static func cell(_ estimate: Estimate?) -> Markup {
        guard let estimate else { return "<td>–</td>" }
        let ends = [estimate.low, estimate.high].map { NumberFormat.decimals($0, 3) }
        return """
            <td><span class="value">\(NumberFormat.decimals(estimate.value, 3))</span> \
            <span class="interval">\(ends[0]) to \(ends[1])</span></td>
            """
    }
}

/// Two plots of one attribute: the texts' scores of both, and the mean of the second in each bin of the first.
private struct DetectorComparisonPlots {
    let attribute: AttributeComparison

    private static let height = 280.0
    /// More points would only hide each other.
    private static let mostPoints = 2000

    var markup: Markup {
        let step = max(1, (attribute.pairs.count + Self.mostPoints - 1) / Self.mostPoints)
        let points = stride(from: 0, to: attribute.pairs.count, by: step).map { attribute.pairs[$0] }
        let dots = points.map { circle($0.first, $0.second, radius: 2, class: "arm-1", opacity: ".35") }
        let bins = attribute.reliability.bins.map {
            circle($0.meanScore, $0.meanOutcome, radius: 5, class: "arm-2", opacity: "1")
        }
        return """
            <section aria-label="\(attribute.attribute.rawValue)"><h2>\(attribute.attribute.rawValue)</h2>
            <div class="panels">
            \(panel("Scores of \(points.count) texts", dots, id: "scores"))
            \(panel("Mean of the second in bins of the first", bins, id: "bins"))
            </div></section>
            """
    }

    private func panel(_ title: String, _ content: [Markup], id: String) -> Markup {
        let name = "\(attribute.attribute.rawValue)-\(id)"
        return """
            <figure class="panel"><figcaption><h3>\(title)</h3></figcaption>
            <div class="plot"><svg width="100%" height="\(.number(Self.height))" role="img" \
            aria-labelledby="\(name)"><title id="\(name)">\(title), \(attribute.attribute.rawValue)</title>
            \(grid)\(content)</svg></div></figure>
            """
    }

    private var grid: Markup {
        let ticks = [0, 0.25, 0.5, 0.75, 1].map { tick -> Markup in
            let (across, down) = (Markup.number(tick * 100), Markup.number((1 - tick) * Self.height))
            let label = NumberFormat.decimals(tick, 2)
            return """
                <line class="\(tick == 0 ? "base" : "grid" as Markup)" x1="0" x2="100%" y1="\(down)" y2="\(down)"/>\
                <text class="tick end" x="-8" y="\(down)" dy=".32em">\(label)</text>\
                <text class="tick middle" x="\(across)%" y="\(.number(Self.height + 19))">\(label)</text>
                """
        }
        return "\(ticks)<line class=\"threshold\" x1=\"0\" y1=\"100%\" x2=\"100%\" y2=\"0\"/>"
    }

    private func circle(
        _ x: Double, _ y: Double, radius: Int, class colour: Markup, opacity: Markup
    ) -> Markup {
        """
        <circle class="\(colour)" fill="currentColor" fill-opacity="\(opacity)" cx="\(.number(x * 100))%" \
        cy="\(.number((1 - y) * Self.height))" r="\(radius)"/>
        """
    }
}
