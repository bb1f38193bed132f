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
    /// The detectors it is made of; nil when it is none of others.
    public var parts: [DetectorIdentity]?

    public init(
        name: String, version: String, hash: String, trainingHash: String = "",
        parts: [DetectorIdentity]? = nil
    ) {
        self.name = name
        self.version = version
        self.hash = hash
        self.trainingHash = trainingHash
        self.parts = parts
    }

    /// Such as `steer@1.0.0+sha256:ab12cd34`.
    public var description: String { "\(name)@\(version)+sha256:\(hash.prefix(8))" }

    /// Whether the two have a detector in common, or were trained on the same texts: then the one cannot grade
    /// independently what the other helped to make.
    public func sharesOrigin(with other: DetectorIdentity) -> Bool {
        let (ours, theirs) = (origins, other.origins)
        return ours.contains { one in
            theirs.contains {
                $0.hash == one.hash || (!one.trainingHash.isEmpty && $0.trainingHash == one.trainingHash)
            }
        }
    }

    /// This one and all it is made of, parts of parts too.
    private var origins: [DetectorIdentity] { [self] + (parts ?? []).flatMap(\.origins) }
}
