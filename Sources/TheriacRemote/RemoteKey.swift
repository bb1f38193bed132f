/// What a server wants to be shown. It comes from an environment variable, goes into one header, and prints as dots.
struct RemoteKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// - Parameter variable: the environment variable that holds the key; nil when it is not set or empty.
    /// - Throws: ``RemoteFailure/badKey(variable:)`` when it could not stand in a header.
    init?(variable: String, in environment: [String: String]) throws(RemoteFailure) {
        guard let found = environment[variable], !found.isEmpty else { return nil }
        guard found.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .badKey(variable: variable) }
        value = found
    }

    /// The value of the header `Authorization`.
    var authorization: String { "Bearer \(value)" }

    var description: String { "…" }
    var debugDescription: String { "…" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
