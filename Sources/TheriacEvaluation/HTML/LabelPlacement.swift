/// Finds for each point of a plot a place for its name where it covers neither another name nor a mark.
struct LabelPlacement {
    struct Anchor {
        let x: Double
        let y: Double
        let text: String
    }

    struct Box {
        var left: Double
        var top: Double
        var width: Double
        var height: Double

        func overlap(with other: Box) -> Double {
            let across = min(left + width, other.left + other.width) - max(left, other.left)
            let down = min(top + height, other.top + other.height) - max(top, other.top)
            return across > 0 && down > 0 ? across * down : 0
        }
    }

    /// Where a name stands relative to its point.
    struct Place {
        let dx: Double
        let dy: Double
        /// Class of ``PageStyle``: start, middle or end.
        let alignment: Markup
        /// Added to the overlap: the first places are the most pleasant.
        let reluctance: Double
    }

    private(set) var places: [Place]

    private static let candidates: [Place] = [
        Place(dx: 11, dy: 0, alignment: "start", reluctance: 0),
        Place(dx: 9, dy: -12, alignment: "start", reluctance: 1),
        Place(dx: 9, dy: 12, alignment: "start", reluctance: 1),
        Place(dx: -11, dy: 0, alignment: "end", reluctance: 2),
        Place(dx: -9, dy: -12, alignment: "end", reluctance: 3),
        Place(dx: -9, dy: 12, alignment: "end", reluctance: 3),
        Place(dx: 0, dy: -17, alignment: "middle", reluctance: 4),
        Place(dx: 0, dy: 17, alignment: "middle", reluctance: 4),
        Place(dx: 9, dy: -26, alignment: "start", reluctance: 8),
        Place(dx: 9, dy: 26, alignment: "start", reluctance: 8),
        Place(dx: -9, dy: -26, alignment: "end", reluctance: 8),
        Place(dx: -9, dy: 26, alignment: "end", reluctance: 8),
    ]

    /// - Parameters:
    ///   - anchors: the points and their names, in pixels from the top left corner.
    ///   - obstacles: marks and bars, in pixels from the top left corner.
    ///   - width: pixels across that names may use; a name outside is worse than one covered.
    ///   - height: pixels down.
    init(anchors: [Anchor], obstacles: [Box], width: Double, height: Double) {
        places = anchors.map { _ in Self.candidates[0] }
        func penalty(_ place: Place, of index: Int) -> Double {
            let box = Self.box(of: anchors[index], at: place)
            let outside =
                max(0, -box.left) + max(0, box.left + box.width - width) + max(0, -box.top)
                + max(0, box.top + box.height - height)
            let names = anchors.indices.filter { $0 != index }.map {
                Self.box(of: anchors[$0], at: places[$0])
            }
            let covered = (names + names + obstacles).reduce(0) { $0 + box.overlap(with: $1) }
            return covered + outside * 40 + place.reluctance * 3
        }
        // Each name in turn takes its best place given the others; a few rounds settle.
        for _ in 0..<6 {
            for index in anchors.indices {
                places[index] =
                    Self.candidates.min { penalty($0, of: index) < penalty($1, of: index) } ?? places[index]
            }
        }
    }

    /// The name's box, with a width guessed from its length at 13 pixels.
    private static func box(of anchor: Anchor, at place: Place) -> Box {
        let width = Double(anchor.text.count) * 7
        let shift = place.alignment == "start" ? 0 : place.alignment == "end" ? -width : -width / 2
        return Box(left: anchor.x + place.dx + shift, top: anchor.y + place.dy - 8, width: width, height: 16)
    }
}
