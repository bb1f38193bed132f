/// Which detector made a score: reports and audit records carry it.
public struct DetectorIdentity: Sendable, Codable, Hashable, CustomStringConvertible {
    /// Name in kebab-case.
    public var name: String
    /// Changes when scores do.
    public var version: String
    /// SHA-256 over weights (or words) and settings, hexadecimal.
    public var hash: String
    /// SHA-256 over the sorted ids and texts it was trained on; "" when it was not trained.
    public var trainingHash: String

    public init(name: String, version: String, hash: String, trainingHash: String = "") {
        self.name = name
        self.version = version
        self.hash = hash
        self.trainingHash = trainingHash
    }

    /// Such as `steer@1.0.0+sha256:ab12cd34`.
    public var description: String { "\(name)@\(version)+sha256:\(hash.prefix(8))" }
}
