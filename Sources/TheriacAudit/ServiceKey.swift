public import Foundation
import TheriacFiles

/// A key that clients of the server present. The secret itself is nowhere: only its SHA-256 is stored.
public struct ServiceKey: Sendable, Equatable, Encodable {
    public var id: Int64
    /// Whose it is, in the operator's words. Policies name keys by it.
    public var label: String
    public var created: Date
    /// Requests a second on average; nil for no limit.
    public var quotaPerSecond: Double?
    public var isDisabled: Bool

    private enum CodingKeys: String, CodingKey { case id, label, created, quotaPerSecond, isDisabled }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(label, forKey: .label)
        try fields.encode(created.formatted(.iso8601), forKey: .created)
        try fields.encode(quotaPerSecond, forKey: .quotaPerSecond)
        try fields.encode(isDisabled, forKey: .isDisabled)
    }

    /// A new secret: 32 bytes of the system's randomness in URL-safe Base64, behind a prefix that lets scanners of
    /// published code recognise it.
    static func makeSecret() -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let base64 = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return "theriac_" + base64.replacing("=", with: "")
    }

    static func hash(of secret: String) -> String { sha256(of: Array(secret.utf8)) }
}

/// The keys that are in force.
public struct KeyRing: Sendable {
    private let entries: [(hash: [UInt8], key: ServiceKey)]

    init(_ keys: [(hash: String, key: ServiceKey)]) {
        entries = keys.filter { !$0.key.isDisabled }.map { (Array($0.hash.utf8), $0.key) }
    }

    /// Whether no key is in force.
    public var isEmpty: Bool { entries.isEmpty }

    /// The key with this secret; nil when there is none, or it is disabled.
    ///
    /// Takes the same time whichever key it is and however much of it is right: the digests of all keys are compared to
    /// the end.
    public func key(for secret: String) -> ServiceKey? {
        let hash = Array(ServiceKey.hash(of: secret).utf8)
        var found: ServiceKey?
        for entry in entries {
            let isEqual = isEqualInConstantTime(entry.hash, hash)
            found = isEqual ? entry.key : found
        }
        return found
    }
}

/// Whether two lists of bytes are equal, in a time that depends on their lengths alone.
public func isEqualInConstantTime(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    var difference: UInt8 = 0
    for index in first.indices { difference |= first[index] ^ second[index] }
    return difference == 0
}
