public import TheriacCorpora

/// The words and phrases of a text that stand on a lexicon detector's list: the baseline of every span finder.
///
/// What counts as a match is ``WordList``'s to say, so a text has a match exactly when the detector flags it.
public struct LexiconMatches: SpanFinder {
    public static let name = "lexicon"
    public static let summary = "1 for what stands on the list"
    public static let rule = SpanRule(threshold: 1)

    private let list: WordList

    public init?(_ detector: any Detector, attribute: Attribute) {
        guard let detector = detector as? LexiconDetector, detector.attributes.contains(attribute) else {
            return nil
        }
        list = detector.list
    }

    public func evidence(in texts: [String]) -> [[WordEvidence]] {
        texts.map { text in
            var matcher = Matcher(list: list)
            text.withUTF8Bytes { WordScanner.scan($0, into: &matcher) }
            guard !matcher.matches.isEmpty else { return [] }
            let offsets = TextOffsets(text)
            let spans = matcher.matches.map { offsets.span($0, in: .utf8).scalars }
            return SpanRepair.merged(spans).map { WordEvidence(scalars: $0, weight: 1) }
        }
    }

    /// As ``WordList/isFound(in:)``, with the places of all matches.
    private struct Matcher: WordSink {
        static let wantsPlaces = true

        let list: WordList
        /// Bytes of the text.
        var matches: [Range<Int>] = []
        /// The latest words with their places, as many as the longest entry has.
        private var recent: [(bytes: [UInt8], place: Range<Int>)] = []

        init(list: WordList) { self.list = list }

        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
            take(bytes, count: count, from: 0..<0)
        }

        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, from place: Range<Int>) {
            recent.append((Array(UnsafeBufferPointer(start: bytes, count: count)), place))
            if recent.count > max(2, list.longest) { recent.removeFirst() }
            for length in 1...min(list.longest, recent.count) {
                let words = recent.suffix(length).map(\.bytes)
                if list.contains(words) { add(length) }
            }
            guard recent.count > 1 else { return }
            let (one, other) = (recent[recent.count - 2].bytes, recent[recent.count - 1].bytes)
            guard one.count >= WordList.shortestHalf, other.count >= WordList.shortestHalf,
                one.count + other.count <= WordLimits.longestWord
            else { return }
            if list.contains([one + other]) { add(2) }
        }

        private mutating func add(_ length: Int) {
            guard let first = recent.suffix(length).first, let last = recent.last else { return }
            matches.append(first.place.lowerBound..<max(first.place.lowerBound, last.place.upperBound))
        }
    }
}

extension WordList {
    /// Whether these normalised words, one after another, are an entry.
    func contains(_ words: [[UInt8]]) -> Bool {
        forms.contains(words.reduce(0) { Self.chain($0, $1) })
    }
}
