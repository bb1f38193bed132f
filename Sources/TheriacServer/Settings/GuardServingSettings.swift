public import Foundation
public import TheriacOptions

/// A guard before somebody else's server: which one, and how it is guarded.
///
/// ```yaml
/// guard:
///   upstream: http://127.0.0.1:8000
///   policy: policy.yaml
///   key-variable: UPSTREAM_KEY
/// ```
public struct GuardServingSettings: Options {
    /// What of a conversation is judged before it goes on.
    public enum Input: String, Sendable, CaseIterable, OptionReadable {
        /// What was said since the last answer. Earlier turns had their turn, and one that was refused does not end the
        /// conversation for good.
        case lastTurn = "last-turn"
        /// Every message, instructions included.
        case conversation
    }

    /// What becomes of parts that no detector reads: token ids, images, sounds.
    public enum Unread: String, Sendable, CaseIterable, OptionReadable { case refuse, pass }

    /// The server's address, such as `http://127.0.0.1:8000`; nil: nothing is guarded.
    public var upstream: String?
    /// The policy's file.
    public var policy: URL?
    /// The environment variable that holds the key for the server; nil: the callers' own are sent on, where this server asks
    /// for none itself.
    public var keyVariable: String?
    /// A PEM file with the certificate of an authority of your own.
    public var certificateAuthority: URL?
    /// Further paths that are sent on, and not judged: `/v1/embeddings`; one that ends in `/*` takes anything behind it.
    public var paths: [String] = []
    /// Requests under way at a time; more are told to come again.
    public var concurrency = 64
    /// Seconds a connection may take, a whole answer, and the pause between two pieces of a stream.
    public var connectTimeout = 5.0
    public var timeout = 300.0
    public var silence = 60.0
    /// Tries of a request that has surely not arrived, or that changes nothing.
    public var attempts = 3
    /// Bytes of an answer.
    public var answerBytes = 16 << 20
    public var input = Input.lastTurn
    public var unread = Unread.refuse
    /// How often an answer is asked for anew at most, whatever a rule says; nil: as often as the rules say.
    public var resampleTries: Int?
    /// Hand decisions on with their texts, unless the caller says doNotStore.
    public var texts = false
    public var stream = GuardStreamSettings()

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("upstream", into: &upstream)
        try fields.read("policy", into: &policy)
        try fields.read("key-variable", into: &keyVariable)
        try fields.read("certificate-authority", into: &certificateAuthority)
        try fields.read("paths", into: &paths)
        try fields.read("concurrency", into: &concurrency, in: 1...100_000)
        try fields.read("connect-timeout", into: &connectTimeout, in: 0.001...3600)
        try fields.read("timeout", into: &timeout, in: 0.001...86_400)
        try fields.read("silence", into: &silence, in: 0.001...86_400)
        try fields.read("attempts", into: &attempts, in: 1...20)
        try fields.read("answer-bytes", into: &answerBytes, in: 1024...(1 << 30))
        try fields.read("input", into: &input)
        try fields.read("unread", into: &unread)
        try fields.read("resample-tries", into: &resampleTries, in: 0...20)
        try fields.read("texts", into: &texts)
        try fields.read("stream", into: &stream)
        for path in paths where !path.hasPrefix("/v1/") || path == "/v1/*" {
            throw .refused(
                path: fields.pathOf("paths"),
                reason: "'\(path)' is not the name of a path below /v1/, such as /v1/embeddings")
        }
        if upstream != nil, policy == nil {
            throw .missing(name: "policy", path: fields.path, source: fields.source)
        }
    }
}

/// How a streamed answer is held back.
public struct GuardStreamSettings: Options {
    /// Letters that must have come, and have been judged, behind one that is shown.
    public var window = 80
    /// Letters after which the text is judged again.
    public var stride = 40
    /// Letters before the new ones that are judged with them.
    public var context = 2000
    /// Show nothing before all of it was judged: then every action can be taken, and nothing comes early.
    public var whole = false

    public init() {}

    var holdBack: HoldBackSettings {
        HoldBackSettings(window: window, stride: stride, context: max(context, window + stride))
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("window", into: &window, in: 0...100_000)
        try fields.read("stride", into: &stride, in: 1...100_000)
        try fields.read("context", into: &context, in: 1...1_000_000)
        try fields.read("whole", into: &whole)
    }
}

/// What keeps a guard from being set up.
public enum GuardError: Error, Equatable, CustomStringConvertible {
    case noKey(variable: String)
    case needsRewriter(policy: String, rules: [String])
    case unscored(policy: String, attributes: [String], detector: String)
    case upstreamAndModel
    case policyAlone

    public var description: String {
        switch self {
        case .noKey(let variable):
            "The environment variable \(variable), which 'guard.key-variable' names, is not set. Put the upstream's key into "
                + "it, or leave the setting out."
        case .needsRewriter(let policy, let rules):
            "The policy '\(policy)' rewrites (\(rules.joined(separator: ", "))), and this server has nothing that rewrites. "
                + "Say in these rules what is done instead, with 'otherwise'."
        case .unscored(let policy, let attributes, let detector):
            "The policy '\(policy)' asks for \(attributes.joined(separator: ", ")), which \(detector) does not score, so that "
                + "these rules would never apply. Take them out, or name another detector."
        case .upstreamAndModel:
            "The settings name a model of this server's own and an upstream to guard, and both would answer /v1/completions. "
                + "Leave out one of them."
        case .policyAlone:
            "The settings name a policy, and nothing that writes texts: no model of this server's own and no upstream. Name "
                + "one ('generation.model', --model; 'guard.upstream', --guard-upstream), or leave the policy out."
        }
    }
}
