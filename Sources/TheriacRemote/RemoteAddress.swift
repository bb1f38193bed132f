internal import Foundation
internal import TheriacFiles

/// Where a remote model is: the server's address and the model's name there, written `http://host:port/v1#name`.
public struct RemoteAddress: Sendable, Equatable {
    /// Without credentials, query or a slash at the end: `http://127.0.0.1:8000/v1`.
    public let server: String
    /// Empty until the server was asked which model it has.
    public let model: String

    /// Whether `text` names a server and not a folder.
    public static func isAddress(_ text: String) -> Bool {
        let start = text.prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }

    /// - Parameters:
    ///   - text: the address; what follows the first `#` names the model.
    ///   - model: the model's name, where the address has none.
    /// - Throws: ``RemoteFailure/badAddress(_:)``. The message never holds the address, which may hold a key.
    public init(_ text: String, model: String? = nil) throws(RemoteFailure) {
        let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let named = halves.count > 1 ? halves[1] : ""
        if let model, !model.isEmpty, !named.isEmpty, model != named {
            throw .badAddress("it names one model and the option beside it another")
        }
        self.model = named.isEmpty ? model ?? "" : named
        guard let parts = URLComponents(string: halves[0]), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else { throw .badAddress("it is not of the form http://host:port/v1") }
        guard parts.user == nil, parts.password == nil else {
            throw .badAddress("it holds a name or password, which every list of processes would show")
        }
        guard parts.query == nil else {
            throw .badAddress("it holds a query (?…), which a key would not be safe in")
        }
        let isUsual = parts.port == nil || parts.port == (scheme == "http" ? 80 : 443)
        server =
            "\(scheme)://\(host.lowercased())" + (isUsual ? "" : ":\(parts.port ?? 0)")
            + Self.base(of: parts.path)
    }

    private init(server: String, model: String) {
        self.server = server
        self.model = model
    }

    /// The same server with a model chosen.
    func choosing(_ model: String) -> RemoteAddress { RemoteAddress(server: server, model: model) }

    /// A path without what belongs to a single route, which people copy along.
    private static func base(of path: String) -> String {
        var base = Substring(path)
        while base.hasSuffix("/") { base = base.dropLast() }
        for route in ["/chat/completions", "/completions", "/models"] where base.hasSuffix(route) {
            return String(base.dropLast(route.count))
        }
        return String(base)
    }

    /// SHA-256 of address and name. It stands for what was asked, not for weights, which nobody here has seen.
    public var hash: String { sha256(of: Data("\(server)#\(model)".utf8)) }

    /// As results name it.
    public var description: String { "\(model) at \(server) (remote, weights unknown)" }
}
