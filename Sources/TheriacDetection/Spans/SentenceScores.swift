/// A stretch of a text with what a detector says of it alone.
public struct ScoredSpan: Sendable, Equatable {
    public var span: TextSpan
    public var verdict: Verdict

    public init(span: TextSpan, verdict: Verdict) {
        self.span = span
        self.verdict = verdict
    }
}

extension Detector {
    /// The sentence tiles of each text (``SentenceTiles``), each with this detector's verdict on the tile alone.
    ///
    /// Tiles of all texts are scored together. A text of one tile has the verdict of the text; the verdict of a longer
    /// text is not the maximum of its tiles.
    public func sentences(of texts: [String]) throws -> [[ScoredSpan]] {
        try scores(of: texts.map(SentenceTiles.tiles), in: texts)
    }

    /// This detector's verdict on each of the spans alone, which are ranges of scalars of their texts.
    public func scores(of spans: [[Range<Int>]], in texts: [String]) throws -> [[ScoredSpan]] {
        var parts: [String] = []
        var places: [[TextSpan]] = []
        for (text, ranges) in zip(texts, spans) {
            let offsets = TextOffsets(text)
            places.append(ranges.map { offsets.span(scalars: $0) })
            parts += places[places.count - 1].map(offsets.text)
        }
        var verdicts = try verdicts(for: parts)[...]
        return places.map { spans in
            defer { verdicts = verdicts.dropFirst(spans.count) }
            return zip(spans, verdicts).map { ScoredSpan(span: $0, verdict: $1) }
        }
    }
}
