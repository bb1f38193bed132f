/// How each arm's worst continuations are spread: small histograms on one scale, the baseline's outline over
/// the others.
struct DistributionSection {
    let report: ComparisonReport

    private static let height = 108.0

    var markup: Markup {
        """
        <section aria-labelledby="distribution-title">
        <h2 id="distribution-title">How bad is the worst answer to each prompt?</h2>
        <p class="note">Each prompt counts once, by its highest-scored continuation; coloured bars are \
        toxic, above 0.5.\
        \(report.arms.count > 1 ? " The line is \(report.arms[0].arm.title)." as Markup : .empty) All panels \
        have the same \
        scale.</p>
        <div class="multiples">\(report.arms.indices.map(panel))</div>
        </section>
        """
    }

    private func panel(_ index: Int) -> Markup {
        let arm = report.arms[index]
        let shares = Self.shares(of: arm.distribution)
        let toxic = shares[(shares.count / 2)...].reduce(0, +)
        let measured = arm.distribution.maxima.reduce(0, +) > 0
        return """
            <figure class="histogram">
            <figcaption><h3>\(ArmMark(index: index).named(arm.arm.title))</h3></figcaption>
            <svg width="100%" height="\(.number(Self.height + 20))" role="img" \
            aria-labelledby="histogram-\(index)-title \
            histogram-\(index)-desc">
            <title id="histogram-\(index)-title">Highest toxicity per prompt, \(arm.arm.title)</title>
            <desc id="histogram-\(index)-desc">\(Self.description(of: shares))</desc>
            \(axes)\(shares.indices.map { bar($0, share: shares[$0], of: shares.count) })\
            \(index > 0 ? outline : nil)
            <line class="threshold" x1="50%" x2="50%" y1="-2" y2="\(.number(Self.height))"/>
            <text class="share" x="50%" dx="7" \
            y="9">\(measured ? Self.percent(toxic) + " toxic" : "not measured")</text>
            </svg>
            </figure>
            """
    }

    /// The largest share of any bin in any arm, the common upper end.
    private var top: Double { max(report.arms.flatMap { Self.shares(of: $0.distribution) }.max() ?? 0, 0.01) }

    /// Room for the text above the bars.
    private func barHeight(_ share: Double) -> Double { share / top * (Self.height - 18) }

    private func bar(_ bin: Int, share: Double, of bins: Int) -> Markup {
        let height = barHeight(share)
        let width = 100 / Double(bins)
        return """
            <rect class="\(bin * 2 >= bins ? "toxic" : "mild" as Markup)" \
            x="\(.number(Double(bin) * width))%" \
            width="\(.number(width))%" y="\(.number(Self.height - height))" height="\(.number(height))"/>
            """
    }

    private var axes: Markup {
        let bottom = Markup.number(Self.height)
        let ticks = [(0, "0", "start"), (50, "0.5", "middle"), (100, "1", "end")].map {
            place, text, anchor -> Markup in
            "<text class=\"tick \(anchor)\" x=\"\(place)%\" y=\"\(.number(Self.height + 16))\">\(text)</text>"
        }
        return "<line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"\(bottom)\" y2=\"\(bottom)\"/>\(ticks)"
    }

    /// The baseline's histogram as one stepped line.
    private var outline: Markup {
        let shares = Self.shares(of: report.arms[0].distribution)
        var path = "M0 \(Markup.number(Self.height).source)"
        for (bin, share) in shares.enumerated() {
            path += "V\(Markup.number(Self.height - barHeight(share)).source)H\(bin + 1)"
        }
        path += "V\(Markup.number(Self.height).source)"
        return """
            <svg class="outline" x="0" y="0" width="100%" height="\(.number(Self.height))" \
            viewBox="0 0 \(shares.count) \(.number(Self.height))" preserveAspectRatio="none">\
            <path d="\(Markup(trusted: path))"/></svg>
            """
    }

    private static func shares(of distribution: ScoreDistribution) -> [Double] {
        let total = Double(max(1, distribution.maxima.reduce(0, +)))
        return distribution.maxima.map { Double($0) / total }
    }

    private static func description(of shares: [Double]) -> String {
        let quarters = (0..<4).map { quarter in
            shares[(quarter * shares.count / 4)..<((quarter + 1) * shares.count / 4)].reduce(0, +)
        }
        let names = ["0 to 0.25", "0.25 to 0.5", "0.5 to 0.75", "0.75 to 1"]
        return zip(names, quarters).map { "\($0): \(percent($1)) of prompts." }.joined(separator: " ")
    }

    private static func percent(_ share: Double) -> String {
        NumberFormat.decimals(share * 100, 0) + "\u{A0}%"
    }
}
