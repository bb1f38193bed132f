import Foundation
import TheriacOptions

/// Finds the detectors that another one is made of. A part is named by its path from the folder of the whole, or
/// by the name of a folder beside that one; both may be pinned (``DetectorReference``).
enum DetectorParts {
    /// Loads the parts of the detector in `folder`, each checked against its pin.
    static func load(_ references: [DetectorReference], of folder: URL) throws -> [any Detector] {
        try checkIsNotInItself(folder)
        return try references.map { reference in
            let detector = try Detectors.load(folder: place(of: reference, from: folder))
            try reference.check(detector.identity)
            return detector
        }
    }

    static func place(of reference: DetectorReference, from folder: URL) -> URL {
        let inside = URL(fileURLWithPath: reference.name, relativeTo: folder.asDirectory).standardizedFileURL
        let beside = folder.standardizedFileURL.deletingLastPathComponent()
            .appending(path: reference.name).standardizedFileURL
        let isThere = FileManager.default.fileExists(atPath: inside.appending(path: "detector.json").path)
        return isThere || reference.name.contains("/") ? inside : beside
    }

    /// The shortest way to write `part` in the detector.json of `folder`.
    static func path(of part: URL, from folder: URL) -> String {
        let to = part.standardizedFileURL.resolvingSymlinksInPath().pathComponents
        // The folder may not be there yet; what it stands in is.
        let from =
            folder.standardizedFileURL.deletingLastPathComponent().resolvingSymlinksInPath().pathComponents
            + [folder.lastPathComponent]
        let common = zip(to, from).prefix { $0 == $1 }.count
        let steps = [String](repeating: "..", count: from.count - common) + to.dropFirst(common)
        return steps.isEmpty ? "." : steps.joined(separator: "/")
    }

    /// A detector made of others must not be written over one of them.
    static func checkIsElsewhere(_ folder: URL, than parts: [URL]) throws {
        let path = folder.standardizedFileURL.resolvingSymlinksInPath().path
        for part in parts where part.standardizedFileURL.resolvingSymlinksInPath().path == path {
            throw DetectionError.recipe(
                reason:
                    "'\(folder.path)' holds a detector that the new one needs; choose another output folder")
        }
    }

    /// Follows the files alone, so that a detector that contains itself is an error and not an endless loop.
    private static func checkIsNotInItself(_ folder: URL, above: [String] = []) throws {
        let path = folder.standardizedFileURL.resolvingSymlinksInPath().path
        guard !above.contains(path) else {
            throw DetectionError.notADetector(folder: path, reason: "it is made of itself")
        }
        let file = folder.appending(path: "detector.json")
        guard FileManager.default.fileExists(atPath: file.path),
            case .object(let members) = try OptionValue(jsonFile: file)
        else { return }
        var names: [OptionValue] = members["of"].map { [$0] } ?? []
        if case .list(let list)? = members["members"] { names += list }
        for case .string(let name) in names {
            let part = place(of: try DetectorReference(name), from: folder)
            try checkIsNotInItself(part, above: above + [path])
        }
    }
}

extension URL {
    fileprivate var asDirectory: URL { URL(fileURLWithPath: path, isDirectory: true) }
}
