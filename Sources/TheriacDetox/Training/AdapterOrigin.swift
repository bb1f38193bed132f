public import Foundation
internal import TheriacFiles
public import TheriacDetection

/// How an adapter was made, kept in its folder as `theriac.json`: an evaluation must know which detector took part.
public struct AdapterOrigin: Codable, Sendable, Equatable {
    /// Hash of model, detector and settings.
    public var identity: String
    public var method: String
    public var steer: DetectorIdentity?
    /// Hash of the model it was trained on.
    public var model: String

    public init(identity: String, method: String, steer: DetectorIdentity?, model: String) {
        self.identity = identity
        self.method = method
        self.steer = steer
        self.model = model
    }

    private static let fileName = "theriac.json"

    /// - Throws: when the folder has none, as adapters made elsewhere.
    public init(folder: URL) throws {
        self = try JSONDecoder().decode(
            Self.self, from: Data(contentsOf: folder.appendingPathComponent(Self.fileName)))
    }

    func write(to folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(encoder.encode(self), to: folder.appendingPathComponent(Self.fileName))
    }
}
