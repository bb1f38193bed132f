/// The sign of an arm in all plots: a colour and a shape, so that neither is needed alone.
struct ArmMark {
    /// Place of the arm in the report; 0 is the baseline.
    let index: Int

    /// The colour, as a class of ``PageStyle``: grey for the baseline, then four that colour-blind readers
    /// can tell apart.
    var colour: Markup { Markup(trusted: index == 0 ? "arm-0" : "arm-\((index - 1) % 4 + 1)") }

    private static let shapes = [
        "M0-5.5a5.5 5.5 0 1 0 .01 0Z",  // circle
        "M-5-5H5V5H-5Z",  // square
        "M0-6.6 6.6 0 0 6.6-6.6 0Z",  // diamond
        "M0-6.2 6 4.6H-6Z",  // triangle
        "M0 6.2 6-4.6H-6Z",  // triangle on its point
        "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",  // cross
    ]

    /// The shape around the origin.
    var path: Markup {
        "<path class=\"mark\" d=\"\(Markup(trusted: Self.shapes[index % Self.shapes.count]))\"/>"
    }

    /// The shape and an arm's title, for a table row or a heading; a long title wraps beside the shape.
    func named(_ title: String) -> Markup {
        "<span class=\"arm\">\(inline) <span>\(Markup.text(title))</span></span>"
    }

    /// The shape alone in running text.
    var inline: Markup {
        """
        <svg class="swatch \(colour)" width="14" height="14" viewBox="-7 -7 14 14" \
        aria-hidden="true">\(path)</svg>
        """
    }
}
