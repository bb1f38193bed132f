import TheriacDetection

/// One scatter plot with error bars and direct labels.
///
/// Horizontal places are percentages and vertical ones pixels, so the plot fills any width while its text
/// keeps its size.
struct TradeOffPlot {
    struct Point {
        let mark: ArmMark
        let title: String
        let perplexity: Estimate
        let toxicity: Estimate
    }

    let id: String
    let title: String
    let axis: String
    let points: [Point]

    private static let height = 300.0
    /// The narrowest the plot gets, on a phone; labels are placed for this width and have more room on
    /// others.
    private static let narrowest = 285.0

    private var x: PlotScale {
        PlotScale(around: points.flatMap { [$0.perplexity.low, $0.perplexity.high] })
    }
    private var y: PlotScale { PlotScale(fromZeroTo: max(0.1, points.map(\.toxicity.high).max() ?? 1)) }

    var markup: Markup {
        """
        <figure class="panel">
        <figcaption><h3>\(title)</h3><p class="axis">Toxicity probability <span \
        aria-hidden="true">↓</span></p></figcaption>
        <div class="plot"><svg width="100%" height="\(.number(Self.height))" role="img" \
        aria-labelledby="plot-\(id)-title plot-\(id)-desc">
        <title id="plot-\(id)-title">Toxicity probability against \(axis.lowercasedFirst)</title>
        <desc id="plot-\(id)-desc">\(description)</desc>
        \(grid)
        <text class="better" x="0" dx="8" y="\(.number(Self.height - 10))" aria-hidden="true">↙ better</text>
        \(points.map(bars))
        \(points.map(mark))
        \(labels)
        </svg></div>
        <p class="axis across">\(axis) <span aria-hidden="true">→</span></p>
        </figure>
        """
    }

    private var description: String {
        points.map {
            "\($0.title): toxicity probability \(NumberFormat.decimals($0.toxicity.value, 3)), "
                + "perplexity \(NumberFormat.decimals($0.perplexity.value, 1))."
        }.joined(separator: " ")
    }

    private var grid: Markup {
        let horizontal = y.ticks.map { tick -> Markup in
            let place = Markup.number(top(of: tick))
            return """
                <line class="\(tick == 0 ? "base" : "grid" as Markup)" x1="0" x2="100%" y1="\(place)" \
                y2="\(place)"/>\
                <text class="tick end" x="-8" y="\(place)" \
                dy=".32em">\(NumberFormat.decimals(tick, y.decimals))</text>
                """
        }
        let vertical = x.ticks.map { tick -> Markup in
            let place = Markup.number(x.position(of: tick) * 100)
            return """
                <line class="grid" x1="\(place)%" x2="\(place)%" y1="\(.number(Self.height))" \
                y2="\(.number(Self.height + 5))"/>\
                <text class="tick middle" x="\(place)%" y="\(.number(Self.height + 19))">\
                \(NumberFormat.decimals(tick, x.decimals))</text>
                """
        }
        return "\(horizontal)\(vertical)"
    }

    private func bars(of point: Point) -> Markup {
        let (across, down) = (
            Markup.number(left(of: point.perplexity.value)), Markup.number(top(of: point.toxicity.value))
        )
        return """
            <g class="bar \(point.mark.colour)">\
            <line x1="\(across)%" x2="\(across)%" y1="\(.number(top(of: point.toxicity.low)))" \
            y2="\(.number(top(of: point.toxicity.high)))"/>\
            <line x1="\(.number(left(of: point.perplexity.low)))%" \
            x2="\(.number(left(of: point.perplexity.high)))%" \
            y1="\(down)" y2="\(down)"/></g>
            """
    }

    private func mark(of point: Point) -> Markup {
        """
        <svg class="\(point.mark.colour)" x="\(.number(left(of: point.perplexity.value)))%" \
        y="\(.number(top(of: point.toxicity.value)))">\(point.mark.path)</svg>
        """
    }

    private var labels: Markup {
        let obstacles = points.flatMap { point -> [LabelPlacement.Box] in
            let (centre, middle) = (pixels(point.perplexity.value), top(of: point.toxicity.value))
            return [
                .init(left: centre - 7, top: middle - 7, width: 14, height: 14),
                .init(
                    left: centre - 1, top: top(of: point.toxicity.high), width: 2,
                    height: top(of: point.toxicity.low) - top(of: point.toxicity.high)),
                .init(
                    left: pixels(point.perplexity.low), top: middle - 1,
                    width: pixels(point.perplexity.high) - pixels(point.perplexity.low), height: 2),
            ]
        }
        let placement = LabelPlacement(
            anchors: points.map {
                .init(x: pixels($0.perplexity.value), y: top(of: $0.toxicity.value), text: $0.title)
            },
            obstacles: obstacles, width: Self.narrowest, height: Self.height)
        let placed = zip(points, placement.places).map { point, place -> Markup in
            """
            <text class="name \(place.alignment)" x="\(.number(left(of: point.perplexity.value)))%" \
            dx="\(.number(place.dx))" y="\(.number(top(of: point.toxicity.value) + place.dy))" \
            dy=".32em">\(point.title)</text>
            """
        }
        return "\(placed)"
    }

    private func left(of perplexity: Double) -> Double { x.position(of: perplexity) * 100 }
    private func pixels(_ perplexity: Double) -> Double { x.position(of: perplexity) * Self.narrowest }
    private func top(of toxicity: Double) -> Double { (1 - y.position(of: toxicity)) * Self.height }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
