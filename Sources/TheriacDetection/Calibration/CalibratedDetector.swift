public import Foundation
public import TheriacCorpora
import TheriacFiles
import TheriacOptions

/// Another detector with a calibration on top of each attribute's score.
///
/// On disk a `detector.json` with `of`, the path of the other detector's folder, pinned by its hash, and `maps`:
/// for each attribute a list of calibrations, applied in order. Attributes without one keep their scores.
public struct CalibratedDetector: Detector {
    static let kind = "calibrated"

    public let identity: DetectorIdentity
    public let attributes: [Attribute]
    private let inner: any Detector
    private let maps: [Attribute: [StoredCalibration]]

    /// - Throws: ``DetectionError/recipe(reason:)`` for a calibration of an attribute that `inner` does not have.
    public init(
        _ inner: any Detector, maps: [Attribute: [StoredCalibration]], name: String, version: String
    ) throws {
        if let unknown = maps.keys.filter({ !inner.attributes.contains($0) }).map(\.rawValue).min() {
            throw DetectionError.recipe(
                reason: "'\(inner.identity.name)' has no attribute '\(unknown)' to calibrate")
        }
        self.inner = inner
        self.maps = maps
        attributes = inner.attributes
        let content = Data(inner.identity.hash.utf8) + (try Self.option(maps).jsonData)
        identity = DetectorIdentity(
            name: name, version: version, hash: sha256(of: content),
            trainingHash: inner.identity.trainingHash, parts: [inner.identity])
    }

    /// Loads it and what it calibrates.
    /// - Throws: ``DetectionError``, ``DetectorReferenceError`` when that is not the one pinned.
    public init(folder: URL) throws {
        let file = folder.appending(path: "detector.json")
        let settings = try Settings(OptionValue(jsonFile: file), source: file.path)
        let inner = try DetectorParts.load([try DetectorReference(settings.of)], of: folder)
        guard let inner = inner.first else {
            throw DetectionError.notADetector(folder: folder.path, reason: "it calibrates nothing")
        }
        var maps: [Attribute: [StoredCalibration]] = [:]
        for (name, list) in settings.maps {
            guard let attribute = Attribute(rawValue: name) else {
                throw DetectionError.damaged(file: file.path, reason: "'\(name)' is no attribute")
            }
            maps[attribute] = list
        }
        try self.init(inner, maps: maps, name: settings.name, version: settings.version)
    }

    /// Writes a folder that names the detector it calibrates by path and hash.
    public static func write(
        of part: URL, maps: [Attribute: [any CalibrationMap]], name: String, version: String, to folder: URL
    ) throws -> CalibratedDetector {
        try DetectorParts.checkIsElsewhere(folder, than: [part])
        let inner = try Detectors.load(folder: part)
        let stored = maps.mapValues { $0.map { StoredCalibration($0) } }
        let detector = try CalibratedDetector(inner, maps: stored, name: name, version: version)
        var settings = Settings()
        settings.name = name
        settings.version = version
        settings.of = "\(DetectorParts.path(of: part, from: folder))@sha256:\(inner.identity.hash)"
        settings.maps = Dictionary(uniqueKeysWithValues: stored.map { ($0.key.rawValue, $0.value) })
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(settings.option.jsonData, to: folder.appending(path: "detector.json"))
        return detector
    }

    public func verdicts(for texts: [String]) throws -> [Verdict] {
        try inner.verdicts(for: texts).map { verdict in
            guard case .scored(var scores) = verdict else { return verdict }
            for (attribute, list) in maps {
                guard let score = scores[attribute] else { continue }
                scores[attribute] = Float(list.reduce(Double(score)) { $1.map.calibrated($0) })
            }
            return .scored(scores)
        }
    }

    private static func option(_ maps: [Attribute: [StoredCalibration]]) -> OptionValue {
        .object(Dictionary(uniqueKeysWithValues: maps.map { ($0.key.rawValue, $0.value.option) }))
    }

    private struct Settings: Options {
        var name = "calibrated"
        var version = "1.0.0"
        var of = ""
        var maps: [String: [StoredCalibration]] = [:]

        mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
            var kind = CalibratedDetector.kind
            try fields.read("kind", into: &kind)
            try fields.read("name", into: &name)
            try fields.read("version", into: &version)
            try fields.read("of", into: &of)
            try fields.read("maps", into: &maps)
        }
    }
}
