public import Foundation
import TheriacFiles

/// A key that callers of the server present. The secret itself is nowhere: only its SHA-256 is kept, in the store or in
/// a file of keys.
public struct ServiceKey: Sendable, Equatable, Encodable {
    /// What a key opens.
    public enum Role: String, Sendable, CaseIterable, Codable {
        /// The routes that score and generate.
        case client
        /// The same, and the operator's page with what people reported.
        case `operator`
    }

    /// Row in the store; 0 for a key of a file.
    public var id: Int64
    /// Whose it is, in the operator's words. Policies name keys by it; it stands in records instead of the key.
    public var label: String
    public var created: Date
    /// Requests a minute, as Perspective counts them; nil for what the server's settings say.
    public var perMinute: Int?
    public var role: Role
    public var isDisabled: Bool

    public init(
        id: Int64 = 0, label: String, created: Date = Date(timeIntervalSince1970: 0), perMinute: Int? = nil,
        role: Role = .client, isDisabled: Bool = false
    ) {
        self.id = id
        self.label = label
        self.created = created
        self.perMinute = perMinute
        self.role = role
        self.isDisabled = isDisabled
    }

    private enum CodingKeys: String, CodingKey { case id, label, created, perMinute, role, isDisabled }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(label, forKey: .label)
        try fields.encode(created.formatted(.iso8601), forKey: .created)
        try fields.encode(perMinute, forKey: .perMinute)
        try fields.encode(role, forKey: .role)
        try fields.encode(isDisabled, forKey: .isDisabled)
    }

    /// A new secret: 32 bytes of the system's randomness in URL-safe Base64, behind a prefix that lets scanners of
    /// published code recognise it.
    public static func makeSecret() -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let base64 = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return "theriac_" + base64.replacing("=", with: "")
    }

    static func hash(of secret: String) -> String { sha256(of: Array(secret.utf8)) }
}

/// The keys that callers may show: those of a file, or those of a store.
public struct KeyRing: Sendable {
    private let entries: [(hash: [UInt8], key: ServiceKey)]
    /// Whether there is no key at all, in force or not: then nobody is asked for one. Disabling the last key does not
    /// open the server.
    public let isEmpty: Bool

    /// - Parameter keys: with the SHA-256 of each secret in lower-case hexadecimal.
    public init(_ keys: [(hash: String, key: ServiceKey)] = []) {
        isEmpty = keys.isEmpty
        entries = keys.filter { !$0.key.isDisabled }.map { (Array($0.hash.utf8), $0.key) }
    }

    /// Keys in force.
    public var count: Int { entries.count }

    /// Whether one of the keys in force opens the operator's page.
    public var hasOperator: Bool { entries.contains { $0.key.role == .operator } }

    /// Whether a key in force with this label opens the operator's page.
    public func opensPage(label: String) -> Bool {
        entries.contains { $0.key.label == label && $0.key.role == .operator }
    }

    /// The number of the key in force with this label; nil for one of a file, or none.
    public func id(label: String) -> Int64? {
        entries.first { $0.key.label == label && $0.key.id > 0 }?.key.id
    }

    /// The key with this secret; nil when there is none, or it is disabled.
    ///
    /// Takes the same time whichever key it is and however much of it is right: the digests of all keys are compared to
    /// the end.
    public func key(for secret: String) -> ServiceKey? {
        guard !entries.isEmpty else { return nil }
        let hash = Array(ServiceKey.hash(of: secret).utf8)
        var found: Int?
        for (place, entry) in entries.enumerated() {
            let isEqual = isEqualInConstantTime(entry.hash, hash)
            found = isEqual ? place : found
        }
        return found.map { entries[$0].key }
    }
}

/// Whether two lists of bytes are equal, in a time that depends on their lengths alone.
public func isEqualInConstantTime(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    var difference: UInt8 = 0
    for index in first.indices { difference |= first[index] ^ second[index] }
    return difference == 0
}
