/// How requests of others are sent on to a server.
public struct UpstreamSettings: Sendable, Equatable {
    /// Scheme, host and port, without a path: `http://127.0.0.1:8000`.
    public var server: String
    /// The environment variable that holds the server's key; nil: the caller's own is sent on.
    public var keyVariable: String?
    /// A PEM file with the certificate of an authority of your own; nil trusts the system's alone.
    public var certificateAuthority: String?
    /// Seconds a connection may take, and a whole answer.
    public var connectTimeout = 5.0
    public var timeout = 300.0
    /// Seconds between two pieces of a streamed answer.
    public var silence = 60.0
    /// Tries, the first included, where trying again can do no harm.
    public var attempts = 3
    /// Seconds before the second try; each later wait is twice as long, less a random part.
    public var firstWait = 0.1
    /// Connections at a time.
    public var connections = 64
    /// Bytes of an answer.
    public var largestAnswer = 64 << 20

    public init(server: String) { self.server = server }

    /// - Parameter address: as a person writes it: a path such as `/v1` at the end is taken off, for callers name it.
    /// - Throws: ``RemoteFailure/badAddress(_:)``.
    public init(address: String) throws(RemoteFailure) {
        var server = Substring(try RemoteAddress(address).server)
        if server.hasSuffix("/v1") { server = server.dropLast(3) }
        self.init(server: String(server))
    }
}
