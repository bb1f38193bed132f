public import Foundation
public import TheriacCorpora
import TheriacFiles
import TheriacOptions

/// Several detectors as one: each scores every text, and the scores of an attribute are pooled.
///
/// On disk a `detector.json` with `members`, a list of paths from its folder or names of folders beside it, each
/// possibly pinned (`../steer@sha256:…`); `pooling`; and `weights` where it is `weighted`. It has the attributes
/// that all members have. A text that one member cannot score is unscored, with that member's reason: a pool of
/// fewer would be another measure.
public struct EnsembleDetector: Detector {
    static let kind = "ensemble"

    public let identity: DetectorIdentity
    public let attributes: [Attribute]
    public let members: [any Detector]
    public let pooling: ScorePooling
    /// One a member; all 1 unless the pooling is `weighted`.
    public let weights: [Double]

    /// - Parameter weights: one a member, for `weighted`; empty for all others.
    /// - Throws: ``DetectionError/recipe(reason:)`` for no members, no common attribute, or weights that do not
    ///   fit.
    public init(
        name: String, version: String = "1.0.0", members: [any Detector], pooling: ScorePooling = .mean,
        weights: [Double] = []
    ) throws {
        func refused(_ reason: String) -> DetectionError {
            .recipe(reason: "the ensemble '\(name)' \(reason)")
        }
        guard let first = members.first else { throw refused("has no members") }
        attributes = first.attributes.filter { attribute in
            members.allSatisfy { $0.attributes.contains(attribute) }
        }
        guard !attributes.isEmpty else { throw refused("has no attribute that all members know") }
        if pooling == .weighted {
            guard weights.count == members.count, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
                weights.reduce(0, +) > 0
            else { throw refused("needs one weight a member, none below 0 and not all 0") }
        } else if !weights.isEmpty {
            throw refused("has weights, but its pooling is '\(pooling.rawValue)' and not 'weighted'")
        }
        self.members = members
        self.pooling = pooling
        self.weights = pooling == .weighted ? weights : members.map { _ in 1 }
        let identities = members.map(\.identity)
        let content =
            [pooling.rawValue] + zip(identities, self.weights).map { "\($0.hash) \($1)" }
        let training = identities.map(\.trainingHash).filter { !$0.isEmpty }
        identity = DetectorIdentity(
            name: name, version: version, hash: sha256(of: Data(content.joined(separator: "\n").utf8)),
            trainingHash: training.isEmpty
                ? "" : sha256(of: Data(Set(training).sorted().joined(separator: "\n").utf8)),
            parts: identities)
    }

    /// Loads the ensemble and its members.
    /// - Throws: ``DetectionError``, ``DetectorReferenceError`` when a member is not the one pinned.
    public init(folder: URL) throws {
        let file = folder.appending(path: "detector.json")
        let settings = try Settings(OptionValue(jsonFile: file), source: file.path)
        let references = try settings.members.map { try DetectorReference($0) }
        try self.init(
            name: settings.name, version: settings.version,
            members: DetectorParts.load(references, of: folder), pooling: settings.pooling,
            weights: settings.weights)
    }

    /// Writes a folder that names its members by path and full hash.
    /// - Parameter parts: the members' folders.
    public static func write(
        name: String, version: String = "1.0.0", parts: [URL], pooling: ScorePooling,
        weights: [Double] = [], to folder: URL
    ) throws -> EnsembleDetector {
        try DetectorParts.checkIsElsewhere(folder, than: parts)
        let members = try parts.map { try Detectors.load(folder: $0) }
        let ensemble = try EnsembleDetector(
            name: name, version: version, members: members, pooling: pooling, weights: weights)
        var settings = Settings()
        settings.name = name
        settings.version = version
        settings.members = zip(parts, members).map { part, member in
            "\(DetectorParts.path(of: part, from: folder))@sha256:\(member.identity.hash)"
        }
        settings.pooling = pooling
        settings.weights = weights
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(settings.option.jsonData, to: folder.appending(path: "detector.json"))
        return ensemble
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        let all = try memberVerdicts(for: texts)
        return texts.indices.map { text in
            var scores: [AttributeScores] = []
            for (member, verdicts) in zip(members, all) {
                switch verdicts[text] {
                case .scored(let found): scores.append(found)
                case .unscored(let reason): return .unscored(reason: "\(member.identity.name): \(reason)")
                }
            }
            var pooled = AttributeScores()
            for attribute in attributes {
                let values = scores.compactMap { $0[attribute].map(Double.init) }
                guard values.count == members.count else {
                    return .unscored(reason: "a member gave no score for \(attribute.rawValue)")
                }
                pooled[attribute] = Float(pooling.pool(values, weights: weights))
            }
            return .scored(pooled)
        }
    }

    /// What each member says: one list a member, one verdict a text.
    public func memberVerdicts(for texts: [String]) throws -> [[Verdict]] {
        try members.map { try $0.verdicts(for: texts) }
    }

    private struct Settings: Options {
        var name = "ensemble"
        var version = "1.0.0"
        var members: [String] = []
        var pooling = ScorePooling.mean
        var weights: [Double] = []

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            var kind = EnsembleDetector.kind
            try fields.read("kind", into: &kind)
            try fields.read("name", into: &name)
            try fields.read("version", into: &version)
            try fields.read("members", into: &members)
            try fields.read("pooling", into: &pooling)
            try fields.read("weights", into: &weights)
        }
    }
}
