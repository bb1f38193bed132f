import Foundation

/// Finds the checkpoint that an adapter belongs to.
enum BaseCheckpoint {
    /// The folder of the checkpoint called `name`: in the folder that THERIAC_MODELS names, in a `.models` folder at or
    /// above `place`, or in one above the program.
    ///
    /// - Throws: ``DetectionError/noBase(_:looked:)``.
    static func folder(
        _ name: String, near place: URL,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> URL {
        var candidates: [URL] = []
        if let named = environment["THERIAC_MODELS"], !named.isEmpty {
            candidates.append(URL(fileURLWithPath: named).appending(path: name))
        }
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments.first ?? ""
        for start in [place, URL(fileURLWithPath: program).deletingLastPathComponent()] {
            var folder = start.standardizedFileURL.resolvingSymlinksInPath()
            while true {
                candidates.append(folder.appending(path: ".models/\(name)"))
                if folder.path == "/" { break }
                folder.deleteLastPathComponent()
            }
        }
        let found = candidates.first {
            FileManager.default.fileExists(atPath: $0.appending(path: "config.json").path)
        }
        guard let found else { throw DetectionError.noBase(name) }
        return found
    }
}
