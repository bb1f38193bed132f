public import Foundation

/// A folder that is gone when the value is.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("theriac-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The place of `name` in the folder; nothing is made there.
    public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Writes a text file, making the folders on the way, and returns its place.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> URL { try write(Data(text.utf8), to: name) }

    @discardableResult
    public func write(_ data: Data, to name: String) throws -> URL {
        let place = file(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: place)
        return place
    }

    /// Names of what the folder holds, sorted.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}
