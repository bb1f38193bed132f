public import Foundation

/// Data and models beside the package. Tests that need them say `.enabled(if: SharedData.isPresent, SharedData.reason)`.
public enum SharedData {
    /// The folder that THERIAC_SHARED names, or `../shared` beside the package; nil when it is absent.
    public static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["THERIAC_SHARED"].map { URL(fileURLWithPath: $0) }
        let beside = PackageFolder.above(#filePath)?.deletingLastPathComponent().appendingPathComponent(
            "shared")
        return (named ?? beside).flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
    }()

    public static var isPresent: Bool { folder != nil }

    /// A file or folder in it, nil when it is not there.
    public static func file(_ path: String) -> URL? {
        folder?.appendingPathComponent(path).existing
    }

    /// The small checkpoint that transformers trained and wrote.
    public static var referenceModel: URL? { file("models/reference-lm") }

    public static let reason = "The shared data folder is absent; name it in THERIAC_SHARED."
}

extension URL {
    fileprivate var existing: URL? { FileManager.default.fileExists(atPath: path) ? self : nil }
}
