public import Foundation
public import TheriacDetection

/// Where every command finds the detector that a person or a recipe names.
public struct DetectorShelf: Sendable {
    private let assets: AssetFolder

    public init(_ assets: AssetFolder) { self.assets = assets }

    /// Loads what `reference` names and checks its pin. Forms: see ``DetectorReference``.
    ///
    /// - Parameters:
    ///   - base: what relative paths start from; nil is the current folder.
    ///   - precision: of a transformer's products, when it shall be another than the detector says.
    /// - Throws: ``WorkbenchError/noSuch(kind:name:known:)``, ``DetectorReferenceError`` when another detector
    ///   than the pinned one is there, ``DetectionError`` when it cannot be read.
    public func load(
        _ reference: String, relativeTo base: URL? = nil, precision: TransformerSettings.Precision? = nil
    ) throws -> any Detector {
        let reference = try DetectorReference(reference)
        let detector = try Detectors.load(
            folder: folder(reference, relativeTo: base), precision: precision)
        try reference.check(detector.identity)
        return detector
    }

    /// The folder of a detector: a path, or a shipped one by name.
    public func folder(_ reference: DetectorReference, relativeTo base: URL? = nil) throws -> URL {
        try assets.folder(reference.name, kind: "detectors", relativeTo: base)
    }

    /// Names of the detectors that ship with the program, sorted.
    public var shipped: [String] {
        let folder = assets.url.appendingPathComponent("detectors")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter {
            FileManager.default.fileExists(
                atPath: folder.appendingPathComponent($0).appendingPathComponent("detector.json").path)
        }.sorted()
    }

    /// The card of a detector in Markdown; nil when its folder has none.
    public func card(_ reference: String) throws -> String? {
        let folder = try folder(DetectorReference(reference))
        return try? String(contentsOf: folder.appendingPathComponent("card.md"), encoding: .utf8)
    }
}
