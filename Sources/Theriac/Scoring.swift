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

        enum CodingKeys: String, CodingKey { case id, attributes, detector, unscored }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            switch verdict {
            case .scored(let scores):
                try container.encode(
                    Dictionary(uniqueKeysWithValues: scores.map { ($0.key.rawValue, $0.value) }),
                    forKey: .attributes)
                try container.encode(detector, forKey: .detector)
            case .unscored(let reason):
                try container.encode(reason, forKey: .unscored)
            }
        }
    }

    private let detector: any Detector
    private let batch: Int

    /// - Parameter batch: texts scored together.
    public init(_ detector: any Detector, batch: Int = 256) {
        self.detector = detector
        self.batch = batch
    }

    /// Scores every text of `reader`.
    ///
    /// - Returns: the lines that could not be read; all others were handed to `emit`.
    public func run(_ reader: TextReader, emit: (Line) throws -> Void) throws -> [LineProblem] {
        var problems: [LineProblem] = []
        var waiting: [TextRecord] = []
        func flush() throws {
            let verdicts = try detector.verdicts(for: waiting.map(\.text))
            for (record, verdict) in zip(waiting, verdicts) {
                try emit(Line(id: record.id, verdict: verdict, detector: detector.identity.description))
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
}
