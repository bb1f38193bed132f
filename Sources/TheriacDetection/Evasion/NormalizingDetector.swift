public import Foundation
public import TheriacCorpora
import TheriacFiles
public import TheriacOptions

/// A detector with a normaliser in front: scores each text as written and without disguises (``EvasionNormalizer``), and
/// takes the higher score of every attribute.
///
/// Only texts that the normaliser changes are scored twice, so every other text has the score of the detector alone. A
/// disguise can raise a score, never lower it.
public struct NormalizingDetector: Detector {
    static let kind = "normalizing"

    public let identity: DetectorIdentity
    public var attributes: [Attribute] { detector.attributes }
    private let detector: any Detector
    private let normalizer: EvasionNormalizer

    /// - Parameter name: nil appends `-normalizing` to the detector's name.
    public init(_ detector: any Detector, normalizer: EvasionNormalizer, name: String? = nil) {
        self.detector = detector
        self.normalizer = normalizer
        let inner = detector.identity
        let parts = [Self.kind, EvasionNormalizer.version, normalizer.vocabulary.hash, inner.hash]
        identity = DetectorIdentity(
            name: name ?? "\(inner.name)-\(Self.kind)", version: inner.version,
            hash: sha256(of: Data(parts.joined(separator: "\n").utf8)), trainingHash: inner.trainingHash)
    }

    /// Loads `detector.json`: `kind`, `of` (the folder of the detector, from this one), `settings`.
    /// - Parameter precision: of a transformer inside, when it shall be another than its folder says.
    /// - Throws: ``DetectionError`` saying what is wrong with which file.
    public init(folder: URL, precision: TransformerSettings.Precision? = nil) throws {
        let file = folder.appending(path: "detector.json")
        let content = try Content(OptionValue(jsonFile: file), source: file.path)
        let inner = folder.appending(path: content.of).standardizedFileURL
        guard inner != folder.standardizedFileURL else {
            throw DetectionError.damaged(file: file.path, reason: "'of' names the detector itself")
        }
        let vocabulary = try content.settings.assets.map {
            try EvasionVocabulary(assets: folder.appending(path: $0).standardizedFileURL)
        }
        self.init(
            try Detectors.load(folder: inner, precision: precision),
            normalizer: EvasionNormalizer(vocabulary: try vocabulary ?? .shipped()), name: content.name)
    }

    /// Writes `detector.json` for the detector in the folder `part` inside `folder`.
    static func write(_ part: String, name: String, to folder: URL) throws {
        let content: OptionValue = .object([
            "kind": .string(kind), "name": .string(name), "of": .string(part),
        ])
        try AtomicFile.write(content.jsonData, to: folder.appending(path: "detector.json"))
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        var verdicts = try detector.verdicts(for: texts)
        let normalized = texts.map { normalizer.normalized($0) }
        let places = texts.indices.filter { normalized[$0].isChanged }
        guard !places.isEmpty else { return verdicts }
        let again = try detector.verdicts(for: places.map { normalized[$0].text })
        for (place, verdict) in zip(places, again) { verdicts[place] = verdicts[place].worse(verdict) }
        return verdicts
    }

    private struct Content: Options {
        var name: String?
        var of = ""
        var settings = NormalizingSettings()

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            _ = fields.value("kind")
            _ = fields.value("version")
            try fields.read("name", into: &name)
            of = try fields.require("of")
            try fields.read("settings", into: &settings)
        }
    }
}

/// Tokens are those of the text as written.
extension NormalizingDetector: TokenScoring {
    public var hasSpanHead: Bool { (detector as? any TokenScoring)?.hasSpanHead ?? false }

    public func tokenToxicity(of text: String) throws -> [(scalars: Range<Int>, probability: Float)] {
        guard let scoring = detector as? any TokenScoring else {
            throw DetectionError.noSpanHead(detector: identity.description)
        }
        return try scoring.tokenToxicity(of: text)
    }

    public func tokenToxicity(
        of texts: [String]
    ) throws -> [[(scalars: Range<Int>, probability: Float)]] {
        guard let scoring = detector as? any TokenScoring else {
            throw DetectionError.noSpanHead(detector: identity.description)
        }
        return try scoring.tokenToxicity(of: texts)
    }
}

/// Settings of a ``NormalizingDetector``.
public struct NormalizingSettings: Options, Equatable {
    /// A folder with the word lists, from the detector's folder; nil takes those that ship with the program.
    public var assets: String?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("assets", into: &assets)
    }
}

extension Verdict {
    /// The higher score of each attribute; a measurement rather than none.
    fileprivate func worse(_ other: Verdict) -> Verdict {
        guard case .scored(let own) = self else { return other }
        guard case .scored(let others) = other else { return self }
        return .scored(own.merging(others) { max($0, $1) })
    }
}
