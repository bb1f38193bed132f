internal import Foundation
public import TheriacCorpora
public import TheriacDetection

/// `theriac score`: texts in, one verdict a text out, in the order of the texts.
public struct Scoring {
    /// One line of the output.
    public struct Line: Encodable, Sendable {
        public let id: String
        public let verdict: Verdict
        public let detector: String
        /// As it was scored; not part of the output.
        public let text: String
        /// The spans asked for, in the order of the text; nil when none were.
        public let spans: [ScoredSpan]?
        /// In what the output counts places.
        public let offsets: OffsetUnit

        init(
            id: String, verdict: Verdict, detector: String, text: String = "", spans: [ScoredSpan]? = nil,
            offsets: OffsetUnit = .utf8
        ) {
            self.id = id
            self.verdict = verdict
            self.detector = detector
            self.text = text
            self.spans = spans
            self.offsets = offsets
        }

        enum CodingKeys: String, CodingKey { case id, attributes, detector, unscored, spans, offsets }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            switch verdict {
            case .scored(let scores):
                try container.encode(named(scores), forKey: .attributes)
                try container.encode(detector, forKey: .detector)
            case .unscored(let reason):
                try container.encode(reason, forKey: .unscored)
            }
            guard let spans else { return }
            try container.encode(offsets, forKey: .offsets)
            var list = container.nestedUnkeyedContainer(forKey: .spans)
            for span in spans {
                // [begin, end, {attribute: score}]; no scores where the stretch alone could not be scored.
                var entry = list.nestedUnkeyedContainer()
                let range = span.span.range(in: offsets)
                try entry.encode(range.lowerBound)
                try entry.encode(range.upperBound)
                guard case .scored(let scores) = span.verdict else {
                    try entry.encode([String: Float]())
                    continue
                }
                try entry.encode(named(scores))
            }
        }

        private func named(_ scores: AttributeScores) -> [String: Float] {
            Dictionary(uniqueKeysWithValues: scores.map { ($0.key.rawValue, $0.value) })
        }
    }

    /// Which stretches of a text are scored beside the whole.
    public enum Spans: Sendable {
        /// Sentences that tile the text.
        case sentences
        /// The words that make it toxic, as this finds them; none in a text whose own toxicity is below `least`. Every
        /// text has a strongest word, and most texts are clean: with 0 `steer` marks words in 77 % of the nontoxic texts
        /// of `surge` (part of which it was trained on, so others may fare worse), with 0.1 in 22 %. The default was
        /// chosen on these and on SemEval's trial set, where it costs 0.658 − 0.651 of F1.
        case fine(any SpanFinder, least: Float = 0.1)
    }

    private let detector: any Detector
    private let batch: Int
    private let spans: Spans?
    private let offsets: OffsetUnit

    /// - Parameters:
    ///   - batch: texts scored together.
    ///   - spans: stretches to be scored as well, each by the detector's verdict on it alone.
    ///   - offsets: in what the lines count places.
    public init(
        _ detector: any Detector, batch: Int = 256, spans: Spans? = nil, offsets: OffsetUnit = .utf8
    ) {
        self.detector = detector
        self.batch = batch
        self.spans = spans
        self.offsets = offsets
    }

    /// Scores every text of `reader`.
    ///
    /// - Returns: the lines that could not be read; all others were handed to `emit`.
    public func run(_ reader: TextReader, emit: (Line) throws -> Void) throws -> [LineProblem] {
        var problems: [LineProblem] = []
        var waiting: [TextRecord] = []
        func flush() throws {
            let texts = waiting.map(\.text)
            let verdicts = try detector.verdicts(for: texts)
            let spans = try scoredSpans(of: texts, verdicts)
            for (index, record) in waiting.enumerated() {
                try emit(
                    Line(
                        id: record.id, verdict: verdicts[index], detector: detector.identity.description,
                        text: record.text, spans: spans?[index], offsets: offsets))
            }
            waiting.removeAll(keepingCapacity: true)
        }
        while let entry = try reader.next() {
            switch entry {
            case .element(let record): waiting.append(record)
            case .problem(let problem): problems.append(problem)
            }
            if waiting.count == batch { try flush() }
        }
        try flush()
        return problems
    }

    private func scoredSpans(of texts: [String], _ verdicts: [Verdict]) throws -> [[ScoredSpan]]? {
        switch spans {
        case nil: return nil
        case .sentences?: return try detector.sentences(of: texts)
        case .fine(let finder, let least)?:
            let chosen = texts.indices.filter { (verdicts[$0].toxicity ?? 0) >= least }
            let some = chosen.map { texts[$0] }
            var result = [[ScoredSpan]](repeating: [], count: texts.count)
            for (place, spans) in zip(chosen, try detector.scores(of: finder.spans(in: some), in: some)) {
                result[place] = spans
            }
            return result
        }
    }
}
