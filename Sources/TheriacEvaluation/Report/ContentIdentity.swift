/// A file or folder by name and content: a model, an adapter, a prompt file, a corpus.
public struct ContentIdentity: Sendable, Codable, Hashable {
    public var name: String
    /// SHA-256 in hexadecimal; empty when it was not computed.
    public var hash: String

    public init(name: String, hash: String) {
        self.name = name
        self.hash = hash
    }

    /// The name and the first eight digits of the hash.
    public var description: String { hash.isEmpty ? name : "\(name) · sha256:\(hash.prefix(8))" }
}
