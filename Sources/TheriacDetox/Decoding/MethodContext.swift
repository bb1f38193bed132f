public import Foundation
public import TheriacDetection
public import TheriacModels

/// What methods of one generation are made from, and a record of what they used.
///
/// Models, detectors and adapters that methods ask for are taken from here, so that an evaluation knows which detectors
/// took part: one that steers, filters or labels must not be the one that grades.
public final class MethodContext {
    public let model: LoadedModel
    /// Tokens a continuation may have.
    public let newTokens: Int
    /// Whether the model's weights are those of its folder: an adapter merged into them changes them.
    public let hasOriginalWeights: Bool
    /// Detectors that were handed out, or took part in making what was.
    public private(set) var detectors: [DetectorIdentity] = []
    /// Content hashes of all that was handed out, by name.
    public private(set) var used: [String: String] = [:]
    private let sources: Sources
    private var models: [String: LoadedModel] = [:]

    /// Where things come from.
    public struct Sources {
        /// Finds files that ship with the program, by their path below the assets folder.
        public var asset: (String) throws -> URL
        /// The folder of a name of one kind (`models`, `experts`, `steering` …): a path, or a shipped one.
        public var folder: (_ name: String, _ kind: String) throws -> URL
        public var detector: (String) throws -> any Detector
        /// Loads a model folder as the model itself was loaded.
        public var load: (URL) throws -> LoadedModel

        public init(
            asset: @escaping (String) throws -> URL,
            folder: @escaping (_ name: String, _ kind: String) throws -> URL,
            detector: @escaping (String) throws -> any Detector,
            load: @escaping (URL) throws -> LoadedModel
        ) {
            self.asset = asset
            self.folder = folder
            self.detector = detector
            self.load = load
        }
    }

    public init(
        model: LoadedModel, newTokens: Int, hasOriginalWeights: Bool = true, sources: Sources
    ) {
        self.model = model
        self.newTokens = newTokens
        self.hasOriginalWeights = hasOriginalWeights
        self.sources = sources
    }

    /// A file that ships with the program.
    public func asset(_ path: String) throws -> URL { try sources.asset(path) }

    /// A detector by name, path or pinned reference; it counts as one that took part.
    public func detector(_ reference: String) throws -> any Detector {
        let detector = try sources.detector(reference)
        note(detector.identity)
        return detector
    }

    /// A folder that a method needs, made by `theriac train`: a path, or a shipped one. The detector that labelled its
    /// texts counts as one that took part.
    public func folder(_ name: String, kind: String) throws -> URL {
        let folder = try sources.folder(name, kind)
        if let origin = try? AdapterOrigin(folder: folder) {
            if let steer = origin.steer { note(steer) }
            used["\(kind)/\(folder.lastPathComponent)"] = origin.identity
        }
        return folder
    }

    /// A further model, loaded once however often it is asked for.
    public func load(_ folder: URL) throws -> LoadedModel {
        let path = folder.standardizedFileURL.path
        if let found = models[path] { return found }
        let loaded = try sources.load(folder)
        models[path] = loaded
        used["models/\(folder.lastPathComponent)"] = loaded.hash
        return loaded
    }

    private func note(_ identity: DetectorIdentity) {
        if !detectors.contains(identity) { detectors.append(identity) }
    }
}
