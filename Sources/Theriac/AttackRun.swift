public import Foundation
public import TheriacCorpora
public import TheriacDetection
internal import TheriacFiles

/// `theriac attack`: writes attacked texts, and measures detectors on them.
public struct AttackRun {
    /// One attacked text, as a line of JSON.
    public struct Line: Encodable, Sendable {
        public let id: String
        public let text: String
        public let attack: String
    }

    private let vocabulary: EvasionVocabulary
    private let neighbours: WordNeighbours
    private let by: (any Detector)?
    private let seed: UInt64

    /// - Parameters:
    ///   - embeddings: a model's folder for the nearest words; nil goes by sound and spelling.
    ///   - by: attacks the words this detector's score rests on, instead of the rude words of the lists.
    public init(embeddings: URL? = nil, by: (any Detector)? = nil, seed: UInt64) throws {
        vocabulary = try .shipped()
        neighbours =
            try embeddings.map { try WordNeighbours(embeddings: $0, vocabulary: .shipped()) } ?? .shipped()
        self.by = by
        self.seed = seed
    }

    private func attackable(_ text: String) throws -> AttackableText {
        guard let by else { return AttackableText(text, vocabulary: vocabulary, neighbours: neighbours) }
        return AttackableText(
            text, targets: try ContributingWords.find(in: text, by: by), neighbours: neighbours)
    }

    /// Attacks every text of `reader` with each attack.
    ///
    /// - Parameter keepsUnchanged: whether texts that an attack leaves as they are come too.
    /// - Returns: lines that could not be read; everything else went to `emit`.
    public func texts(
        _ reader: TextReader, attacks: [any TextAttack], keepsUnchanged: Bool = false,
        emit: (Line) throws -> Void
    ) throws -> [LineProblem] {
        var problems: [LineProblem] = []
        while let entry = try reader.next() {
            switch entry {
            case .problem(let problem): problems.append(problem)
            case .element(let record):
                let text = try attackable(record.text)
                for attack in attacks {
                    let attacked = attack.attacked(text, seed: seed)
                    guard keepsUnchanged || attacked != record.text else { continue }
                    try emit(Line(id: record.id, text: attacked, attack: type(of: attack).name))
                }
            }
        }
        return problems
    }

    /// Measures `detector` on the held-out texts of a set: its test part, where there is none its validation part.
    ///
    /// - Parameter limit: most toxic and most other texts, evenly spread over the set; 0 takes all.
    /// - Throws: ``WorkbenchError/noSuch(kind:name:known:)`` for an unknown set; errors of reading and scoring.
    public func measure(
        _ detector: any Detector, on set: String, dataFolder: URL, attacks: [any TextAttack], limit: Int,
        progress: (Stage) -> Void = { _ in }
    ) throws -> AttackMeasurement {
        guard let dataset = Datasets.named(set) else {
            throw WorkbenchError.noSuch(
                kind: "set", name: set, known: Datasets.all.map { $0.card.name }.sorted())
        }
        progress(Stage("reading \(set)"))
        let all = try dataset.read(from: dataFolder).elements.filter { $0.labels[.toxicity] != nil }
        let test = all.filter { $0.split == .test }
        let valid = all.filter { $0.split == .valid }
        let texts = !test.isEmpty ? test : valid.isEmpty ? all : valid
        func chosen(_ isToxic: Bool) -> [String] {
            let texts = texts.filter { ($0.labels[.toxicity] ?? 0 >= 0.5) == isToxic }.map(\.text)
            guard limit > 0, texts.count > limit else { return texts }
            return (0..<limit).map { texts[$0 * texts.count / limit] }
        }
        let toxic = chosen(true)
        let attackables = try toxic.enumerated().map { place, text in
            if by != nil, place % 32 == 0 {
                progress(Stage("choosing words", done: place, total: toxic.count))
            }
            return try attackable(text)
        }
        return try AttackMeasurement(
            detector, normalizer: EvasionNormalizer(vocabulary: vocabulary), toxic: attackables,
            clean: chosen(false), attacks: attacks, seed: seed
        ) { progress(Stage("attack: \($0)", done: $1, total: $2)) }
    }
}
