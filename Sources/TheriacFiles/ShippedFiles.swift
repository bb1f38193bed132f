public import Foundation

/// Where the files that ship with the program are: the folder `Assets`.
public enum ShippedFiles {
    /// The folder; nil when it is in none of the places where it may be.
    ///
    /// Looked for in `THERIAC_ASSETS`, beside the program and up to five folders above it, and in the current folder.
    public static func folder() -> URL? {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["THERIAC_ASSETS"], !named.isEmpty {
            candidates.append(URL(fileURLWithPath: named))
        }
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments.first ?? ""
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        for _ in 0..<6 {
            candidates.append(folder.appendingPathComponent("Assets"))
            folder.deleteLastPathComponent()
        }
        candidates.append(URL(fileURLWithPath: "Assets"))
        return candidates.first {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("detectors").path)
        }?.standardizedFileURL
    }
}
