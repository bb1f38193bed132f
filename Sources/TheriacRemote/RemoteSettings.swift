internal import Foundation
public import TheriacOptions

/// How a server is spoken to. Nothing here is secret: the key is named, never given.
public struct RemoteSettings: Options, Equatable {
    /// The route that texts come from.
    public enum Endpoint: String, Sendable, CaseIterable, OptionReadable {
        /// `/completions`: the model goes on with the prompt.
        case completions
        /// `/chat/completions`: the model replies to the prompt as to a user's message, which is another question.
        case chat

        var route: String { self == .chat ? "/chat/completions" : "/completions" }
    }

    public var endpoint = Endpoint.completions
    /// Chat only: the system's message before each prompt; "" sends none.
    public var instruction = ""
    /// The environment variable that holds the key. A variable of our own, so that a key for one service is never shown
    /// to another by accident.
    public var keyVariable = "THERIAC_SERVER_KEY"
    /// Requests under way at a time.
    public var concurrency = 8
    /// Seconds one request may take, and seconds a connection may.
    public var timeout = 300.0
    public var connectTimeout = 10.0
    /// Tries of one request, the first included, while the server is overloaded or away.
    public var attempts = 6
    /// Seconds before the second try; each later wait is twice as long, up to the longest, less a random part.
    public var firstWait = 1.0
    /// Also the longest wait a server may ask for.
    public var longestWait = 120.0
    /// Samples asked for in one request. A server that gives fewer is asked again.
    public var samplesPerRequest = 32
    /// Whether the server's list of models is asked for the name before anything else.
    public var checksModel = true
    /// Further members of each request, in the server's own words: `{"min_p": 0.1}`.
    public var extra: [String: OptionValue] = [:]
    /// A PEM file with the certificate of an authority of your own; "" trusts the system's alone.
    public var certificateAuthority = ""

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("endpoint", into: &endpoint)
        try fields.read("instruction", into: &instruction)
        try fields.read("key-variable", into: &keyVariable)
        try fields.read("concurrency", into: &concurrency, in: 1...256)
        try fields.read("timeout", into: &timeout, in: 0.001...86_400)
        try fields.read("connect-timeout", into: &connectTimeout, in: 0.001...3600)
        try fields.read("attempts", into: &attempts, in: 1...100)
        try fields.read("first-wait", into: &firstWait, in: 0...3600)
        try fields.read("longest-wait", into: &longestWait, in: 0...86_400)
        try fields.read("samples-per-request", into: &samplesPerRequest, in: 1...100_000)
        try fields.read("check-model", into: &checksModel)
        try fields.read("extra", into: &extra)
        try fields.read("certificate-authority", into: &certificateAuthority)
        if let name = extra.keys.filter(CompletionRequest.ownMembers.contains).min() {
            throw .refused(
                path: fields.pathOf("extra.\(name)"), reason: "this member has a setting of its own")
        }
        guard instruction.isEmpty || endpoint == .chat else {
            throw .refused(
                path: fields.pathOf("instruction"),
                reason: "an instruction goes with endpoint: chat; a plain completion has no place for it")
        }
    }

    /// What changes the texts, for the identity of a run.
    public var fingerprint: String {
        let parts: OptionValue = .object([
            "endpoint": endpoint.option, "instruction": .string(instruction), "extra": .object(extra),
        ])
        return (try? parts.jsonData).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
