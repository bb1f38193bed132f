import Dispatch
public import Foundation
import Synchronization
public import TheriacCorpora
import TheriacModels
import TheriacTensors
import TheriacTokenizers

/// Scores texts with a transformer encoder: a base checkpoint with an adapter of ours, or any sequence classifier in
/// Hugging Face's layout.
///
/// Texts longer than the window are cut into overlapping windows and have the highest score of any of them: nothing is
/// left out. Windows of like length are computed together without padding. A text's score depends on that text alone, to
/// within 1e-6 in fp32, because sums in a matrix product may be grouped differently in batches of different size.
///
/// Texts without tokens are unscored with the reason "empty text".
///
/// Any thread may call; tokenising runs on all cores, and the model, which is not Sendable, stands behind a lock that is
/// taken for one batch at a time.
public final class TransformerDetector: Detector, LabelScoring {
    static let kind = "transformer"

    public let identity: DetectorIdentity
    public let attributes: [Attribute]
    public let labels: [String]
    public let settings: TransformerSettings
    /// Whether it can say which tokens make a text toxic.
    public let hasSpanHead: Bool
    let outputs: TransformerOutputs
    private let cutter: WindowCutter
    private let model: Mutex<TransformerModel>
    /// Tokens computed together.
    private let budget = 4096

    /// Loads a folder with `detector.json`, or one with `config.json` of a sequence classifier.
    ///
    /// - Parameter precision: nil for what the detector says (fp32 for a classifier).
    /// - Throws: ``DetectionError`` or an error of the checkpoint saying what is wrong with which file.
    public convenience init(folder: URL, precision: TransformerSettings.Precision? = nil) throws {
        let isOurs = FileManager.default.fileExists(atPath: folder.appending(path: "detector.json").path)
        self.init(
            try isOurs
                ? TransformerDetectorFolder.read(folder, precision: precision)
                : ClassifierFolder.read(folder, precision: precision))
    }

    init(_ content: sending TransformerContent) {
        identity = content.identity
        settings = content.settings
        cutter = content.cutter
        outputs = content.outputs
        labels = content.outputs.labels
        attributes = content.outputs.attributes
        hasSpanHead = content.model.spanHead != nil
        model = Mutex(content.model)
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        try windowScores(of: texts).map { windows in
            guard let windows else { return .emptyText }
            return .scored(outputs.attributeScores(windows))
        }
    }

    public func labelScores(for texts: [String]) throws -> [[String: Float]?] {
        try windowScores(of: texts).map { windows in
            windows.map { Dictionary(zip(labels, outputs.labelScores($0)), uniquingKeysWith: max) }
        }
    }

    /// How many windows a text is cut into; 0 for an empty one.
    public func windowCount(of text: String) -> Int { cutter.windows(of: text).sequences.count }

    /// Raw logits of every window of every text; nil for a text without tokens.
    func windowScores(of texts: [String]) throws -> [[[Float]]?] {
        let windows = concurrentMap(texts) { [cutter] in cutter.windows(of: $0).sequences }
        let sequences = windows.flatMap { $0 }
        var logits = [[Float]](repeating: [], count: sequences.count)
        for batch in lengthBatches(sequences.map(\.count), budget: budget) {
            let chosen = batch.map { sequences[$0] }
            let values = try model.withLock { try $0.logits(chosen) }
            for (place, row) in zip(batch, values) { logits[place] = row }
        }
        var next = 0
        return windows.map { windows in
            guard !windows.isEmpty else { return nil }
            defer { next += windows.count }
            return Array(logits[next..<next + windows.count])
        }
    }
}

extension TransformerDetector {
    /// The probability that each token is part of what makes the text toxic, with the Unicode scalars it covers; of a token
    /// in several windows the highest.
    ///
    /// - Throws: ``DetectionError/noSpanHead(detector:)``.
    public func tokenToxicity(of text: String) throws -> [(scalars: Range<Int>, probability: Float)] {
        try tokenToxicity(of: [text])[0]
    }

    /// As for one text, many together.
    public func tokenToxicity(
        of texts: [String]
    ) throws -> [[(scalars: Range<Int>, probability: Float)]] {
        guard hasSpanHead else { throw DetectionError.noSpanHead(detector: identity.description) }
        let read = concurrentMap(texts) { [cutter] text in
            let encoding = cutter.encoding(of: text)
            return (encoding.scalars, cutter.windows(ofTokens: encoding.ids))
        }
        var result = read.map { offsets, _ in offsets.map { (scalars: $0, probability: Float(0)) } }
        let places = read.indices.flatMap { text in read[text].1.ranges.indices.map { (text, $0) } }
        for batch in lengthBatches(places.map { read[$0].1.sequences[$1].count }, budget: budget) {
            let chosen = batch.map { read[places[$0].0].1.sequences[places[$0].1] }
            let logits = try model.withLock { try $0.tokenLogits(chosen) } ?? []
            for (place, row) in zip(batch, logits) {
                let (text, window) = places[place]
                for (offset, token) in read[text].1.ranges[window].enumerated() {
                    let probability = Float(1 / (1 + exp(-Double(row[cutter.prefix.count + offset]))))
                    result[text][token].probability = max(result[text][token].probability, probability)
                }
            }
        }
        return result
    }
}

/// What a folder holds, ready to score.
struct TransformerContent {
    var identity: DetectorIdentity
    var settings: TransformerSettings
    var outputs: TransformerOutputs
    var cutter: WindowCutter
    var model: TransformerModel
}

/// What the logits of a window mean.
struct TransformerOutputs: Sendable {
    var labels: [String]
    var mapping: LabelMapping
    /// One for each label; the identity where nobody calibrated.
    var calibration: [Calibration]

    var attributes: [Attribute] { mapping.scored }

    /// Scores of a text: for each attribute the highest of its windows.
    func attributeScores(_ windows: [[Float]]) -> AttributeScores {
        windows.reduce(into: AttributeScores()) { scores, logits in
            scores.merge(mapping.scores(probabilities(logits)), uniquingKeysWith: max)
        }
    }

    /// For each label the highest of the windows.
    func labelScores(_ windows: [[Float]]) -> [Float] {
        windows.reduce(into: [Float](repeating: 0, count: labels.count)) { scores, logits in
            for (place, probability) in probabilities(logits).enumerated() {
                scores[place] = max(scores[place], probability)
            }
        }
    }

    private func probabilities(_ logits: [Float]) -> [Float] {
        guard mapping.output == .sigmoid else { return mapping.probabilities(logits) }
        return zip(calibration, logits).map { Float($0.probability(Double($1))) }
    }
}

/// `map` on all cores, in order.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
    let size = 64
    let parts = (elements.count + size - 1) / size
    guard parts > 1 else { return elements.map(body) }
    let results = Mutex([[Result]](repeating: [], count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
        let mapped = elements[part * size..<min(elements.count, (part + 1) * size)].map(body)
        results.withLock { $0[part] = mapped }
    }
    return results.withLock { $0.flatMap { $0 } }
}
