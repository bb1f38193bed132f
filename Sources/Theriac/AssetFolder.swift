public import Foundation
internal import TheriacFiles

/// The files that ship with the program: models, detectors, prompts, recipes.
public struct AssetFolder: Sendable {
    public let url: URL

    /// Looks in `THERIAC_ASSETS`, beside the program and above it, and in the current folder.
    ///
    /// - Throws: ``WorkbenchError/noAssets`` with what to do.
    public init() throws {
        guard let found = ShippedFiles.folder() else { throw WorkbenchError.noAssets }
        url = found
    }

    /// A file by its path below the folder.
    ///
    /// - Throws: ``WorkbenchError/missingAsset(_:)``.
    public func file(_ path: String) throws -> URL {
        let file = url.appendingPathComponent(path)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw WorkbenchError.missingAsset(path)
        }
        return file
    }

    /// The folder `named` says: a path, or the name of a shipped one in `kind` (`models`, `detectors`).
    public func folder(_ named: String, kind: String, relativeTo base: URL? = nil) throws -> URL {
        let path = URL(fileURLWithPath: named, relativeTo: base).standardizedFileURL
        if FileManager.default.fileExists(atPath: path.path) { return path }
        let shipped = url.appendingPathComponent(kind).appendingPathComponent(named)
        if !named.contains("/"), FileManager.default.fileExists(atPath: shipped.path) { return shipped }
        let folder = url.appendingPathComponent(kind).path
        let known = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        throw WorkbenchError.noSuch(kind: kind, name: named, known: known)
    }
}
