public import Foundation
public import TheriacOptions

/// How `theriac serve` serves. Read from one YAML file; everything has a default.
public struct ServerSettings: Options {
    /// Where to listen. Anything but this machine itself needs keys, or `open`.
    public var host = "127.0.0.1"
    public var port = 8080
    /// Detectors, possibly pinned (`judge@sha256:…`); the first is the one that counts unless another is asked for.
    public var detectors = ["steer"]
    /// Languages the detectors read; empty for all.
    public var languages = ["en"]
    /// `auto`, `inline` or `batched`.
    public var scoring = LoadedDetector.Mode.automatic
    /// Threads a transformer may use; nil: all cores.
    public var threads: Int?
    /// A file of hashed keys, beside those of the store. Where there is no key at all, nobody is asked for one.
    public var keys: URL?
    /// Serve others than this machine without keys.
    public var open = false
    /// Believe a proxy's X-Forwarded-Host and X-Forwarded-Proto.
    public var trustProxy = false
    public var quota = QuotaSettings()
    public var tls = TLSSettings()
    public var limits = LimitSettings()
    public var batching = BatchingSettings()
    public var cors = CORSSettings()
    public var perspective = PerspectiveSettings()
    public var moderation = ModerationSettings()
    public var feedback = FeedbackSettings()
    public var `guard` = GuardServingSettings()
    /// The SQLite file with feedback, keys, decisions and thresholds; nil: suggestions are only counted.
    public var store: URL?
    public var audit = AuditSettings()
    public var log = LogSettings()
    public var generation = GenerationServingSettings()

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("host", into: &host)
        try fields.read("port", into: &port, in: 0...65_535)
        try fields.read("detectors", into: &detectors)
        try fields.read("languages", into: &languages)
        try fields.read("scoring", into: &scoring)
        try fields.read("threads", into: &threads, in: 1...1024)
        try fields.read("keys", into: &keys)
        try fields.read("open", into: &open)
        try fields.read("trust-proxy", into: &trustProxy)
        try fields.read("quota", into: &quota)
        try fields.read("tls", into: &tls)
        try fields.read("limits", into: &limits)
        try fields.read("batching", into: &batching)
        try fields.read("cors", into: &cors)
        try fields.read("perspective", into: &perspective)
        try fields.read("moderation", into: &moderation)
        try fields.read("feedback", into: &feedback)
        try fields.read("guard", into: &`guard`)
        try fields.read("store", into: &store)
        try fields.read("audit", into: &audit)
        try fields.read("log", into: &log)
        try fields.read("generation", into: &generation)
        guard !detectors.isEmpty else {
            throw .refused(path: fields.pathOf("detectors"), reason: "a server needs at least one detector")
        }
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// - Throws: ``ServerSettingsError`` when it would serve strangers, or half of the certificate is missing.
    /// Whether a store has keys is looked at when the server is made.
    public func check() throws(ServerSettingsError) {
        guard isLoopback || keys != nil || store != nil || open else { throw .strangers(host: host) }
        guard (tls.certificate == nil) == (tls.key == nil) else { throw .halfCertificate }
    }
}

extension LoadedDetector.Mode: OptionReadable {}

/// What is wrong with a server's settings as a whole.
public enum ServerSettingsError: Error, Equatable, CustomStringConvertible {
    case strangers(host: String)
    case halfCertificate
    case certificate(file: String)

    public var description: String {
        switch self {
        case .strangers(let host):
            "The server would listen on \(host), where others can reach it, and asks for no keys. Name a file of keys "
                + "('keys') or a store that has some ('store'), listen on 127.0.0.1, or say 'open: true' if everybody "
                + "may use it."
        case .halfCertificate:
            "TLS needs both 'tls.certificate' and 'tls.key'."
        case .certificate(let file):
            "'\(file)' does not hold a certificate or key in PEM form."
        }
    }
}
