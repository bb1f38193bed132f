/// How a person or a recipe names a detector, and which one exactly is meant: `NAME`, `NAME@VERSION`,
/// `NAME@sha256:HEX`, `NAME@VERSION+sha256:HEX` as reports print it, or a folder's path, also with `@sha256:HEX`.
///
/// Without a pin whatever stands under the name is taken. With one, another detector is refused. A folder whose
/// own name holds an `@` is written with a slash: `./odd@name`.
public struct DetectorReference: Sendable, Equatable, CustomStringConvertible {
    /// A shipped detector's name, or a folder's path.
    public let name: String
    public let version: String?
    /// The first digits of the identity's hash, lower-case, eight or more.
    public let hash: String?

    public static let fewestDigits = 8

    /// - Throws: ``DetectorReferenceError/malformed(_:reason:)``.
    public init(_ text: String) throws(DetectorReferenceError) {
        guard let at = text.lastIndex(of: "@") else {
            try self.init(name: text, version: nil, hash: nil, text: text)
            return
        }
        let (name, pin) = (String(text[..<at]), String(text[text.index(after: at)...]))
        let marker = "sha256:"
        if pin.hasPrefix(marker) {
            try self.init(name: name, version: nil, hash: String(pin.dropFirst(marker.count)), text: text)
        } else if text.contains("/") {
            try self.init(name: text, version: nil, hash: nil, text: text)
        } else {
            let parts = pin.split(separator: "+", maxSplits: 1).map(String.init)
            let hash = parts.count == 2 && parts[1].hasPrefix(marker) ? parts[1].dropFirst(marker.count) : nil
            let version = hash == nil ? pin : parts[0]
            guard version.first?.isNumber == true else {
                throw .malformed(
                    text,
                    reason: "after the @ stands a version such as 1.1.0, or sha256: and hexadecimal digits")
            }
            try self.init(name: name, version: version, hash: hash.map(String.init), text: text)
        }
    }

    private init(
        name: String, version: String?, hash: String?, text: String
    ) throws(DetectorReferenceError) {
        guard !name.isEmpty else { throw .malformed(text, reason: "the name is missing") }
        if let hash {
            guard (Self.fewestDigits...64).contains(hash.count),
                hash.allSatisfy({ $0.isASCII && $0.isHexDigit })
            else {
                throw .malformed(
                    text, reason: "behind sha256: stand \(Self.fewestDigits) to 64 hexadecimal digits")
            }
        }
        self.name = name
        self.version = version
        self.hash = hash?.lowercased()
    }

    /// As it is written.
    public var description: String {
        switch (version, hash) {
        case (nil, nil): name
        case (let version?, nil): "\(name)@\(version)"
        case (nil, let hash?): "\(name)@sha256:\(hash)"
        case (let version?, let hash?): "\(name)@\(version)+sha256:\(hash)"
        }
    }

    /// Refuses a detector that is not the one meant.
    public func check(_ identity: DetectorIdentity) throws(DetectorReferenceError) {
        if let hash, !identity.hash.hasPrefix(hash) {
            throw .otherHash(name: name, wanted: hash, found: identity.hash)
        }
        if let version, identity.version != version {
            throw .otherVersion(name: name, wanted: version, found: identity.description)
        }
    }
}

/// What is wrong with the name of a detector, or with what stands under it.
public enum DetectorReferenceError: Error, Equatable, CustomStringConvertible {
    case malformed(String, reason: String)
    case otherHash(name: String, wanted: String, found: String)
    case otherVersion(name: String, wanted: String, found: String)

    public var description: String {
        switch self {
        case .malformed(let text, let reason):
            "'\(text)' does not name a detector: \(reason)."
        case .otherHash(let name, let wanted, let found):
            "The detector '\(name)' is pinned to sha256:\(wanted), but the one found is "
                + "sha256:\(found.prefix(max(16, wanted.count))). Its scores may differ: get the pinned one, or "
                + "change the pin."
        case .otherVersion(let name, let wanted, let found):
            "The detector '\(name)' is wanted in version \(wanted), but the one found is \(found). Its scores may "
                + "differ: get the wanted one, or change the version."
        }
    }
}
