internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Logging
internal import Synchronization
internal import TheriacAudit
internal import TheriacOptions
internal import TheriacServer

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve scores and texts over HTTP: a drop-in for Perspective and for OpenAI's servers.",
        discussion: """
            Speaks Perspective's v1alpha1 (comments:analyze, comments:suggestscore, discovery, batch), OpenAI's
            /v1/moderations and /v1/models, /classify and /predict, and has /health and /metrics. With --model also
            OpenAI's /v1/completions and /v1/chat/completions, streamed or not, /tokenize, /detokenize and
            /tokenizer_info. A request may choose decoding-time methods in a member of its own:
            "theriac": {"chain": ["word-filter", {"method": "dexperts", "alpha": 2}]}; without it the chain of --method
            applies, and each answer says what was done to it. With --policy, what goes into the model and what comes out is
            judged as well, and unsafe texts are flagged, drawn anew, replaced or refused.

              theriac serve
              theriac serve --config server.yaml --check
              theriac serve --model theriac-lm --method word-filter
              theriac serve --detector judge --model theriac-lm --policy Examples/policy.yaml
              curl -s localhost:8080/v1alpha1/comments:analyze -d '{"comment": {"text": "What a lovely idea."},
                "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}'

            Before somebody else's model it is a guard: with an upstream and a policy, /v1/completions,
            /v1/chat/completions (also as streams) and /v1/models are sent on, and what users and the model write is
            judged on its way. Answers say in a member "theriac" what was done. See theriac policy, and the group
            guard: in the file for keys, timeouts and how much of a stream is held back.

              theriac serve --guard-upstream http://127.0.0.1:8000 --policy Examples/policy.yaml

            Settings come from the file, from variables such as THERIAC_SERVE_PORT or
            THERIAC_SERVE_LIMITS__BODY_BYTES, and from these options; the later win. SIGHUP reads them again
            without dropping a connection; SIGTERM and SIGINT finish what was accepted and end.

            It listens on this machine only. To serve others, name a file of keys (--new-key makes one) or a store with
            keys (`theriac keys`), or say 'open: true' in the file.

            At / it has a page for the operator: traffic, scores, what waits for review. Others than this machine sign in
            there with a key made with --operator. `theriac serve authority` makes a certificate for scripts that
            hard-code Perspective's host.
            """,
        subcommands: [AuthorityCommand.self])

    @Option(help: "A YAML file with settings.")
    var config: String?

    @Option(help: "Address to listen on; default: 127.0.0.1.")
    var host: String?

    @Option(help: "Port to listen on, 0 for any that is free; default: 8080.")
    var port: Int?

    @Option(
        name: .customLong("detector"), parsing: .singleValue,
        help: ArgumentHelp(
            "A detector, possibly pinned; repeat it for more. The first is the default; default: steer.",
            valueName: "name"))
    var detectors: [String] = []

    @Option(help: ArgumentHelp("A language model to serve: a folder, or a shipped one.", valueName: "dir"))
    var model: String?

    @Option(
        name: .customLong("adapter"), parsing: .singleValue,
        help: ArgumentHelp(
            "An adapter that clients name as the model; repeat it for more.", valueName: "name=dir"))
    var adapters: [String] = []

    @Option(
        name: .customLong("method"), parsing: .singleValue,
        help: ArgumentHelp(
            "A decoding-time method for requests that name none; repeat it for a chain.", valueName: "name"))
    var methods: [String] = []

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "A setting of a method, as method.name=value: dexperts.alpha=1.5.", valueName: "setting"))
    var methodSettings: [String] = []

    @Option(help: "Precision of the language model: fp32, bf16 or fp16; default: as it is stored.")
    var dtype: String?

    @Option(
        help: ArgumentHelp(
            "Keep suggested scores and decisions in this SQLite file, made when it is not there, and ask for its keys; default: keep a count only. See theriac feedback and theriac keys.",
            valueName: "file"))
    var store: String?

    @Option(
        help: ArgumentHelp(
            "Stand before this OpenAI-compatible server and judge what goes in and comes out; needs --policy.",
            valueName: "url"))
    var guardUpstream: String?

    @Option(
        help: ArgumentHelp(
            "What is done with unsafe texts, of the model or of the guarded server; see theriac policy.",
            valueName: "file"))
    var policy: String?

    @Flag(help: "Check the settings, load everything they name, and end.")
    var check = false

    @Option(
        help: ArgumentHelp(
            "Make a key, print it and its line for the file of keys, and end.", valueName: "name"))
    var newKey: String?

    @Flag(help: "With --new-key: the key also opens the operator's page.")
    var `operator` = false

    func run() throws {
        if let newKey {
            guard !newKey.isEmpty, !newKey.contains(where: \.isWhitespace), !newKey.hasPrefix("#") else {
                throw ValidationError(
                    "--new-key '\(newKey)': a name has no blanks and does not begin with #.")
            }
            let made = KeyRing.makeLine(label: newKey, role: self.operator ? .operator : .client)
            try Terminal.out("key   \(made.secret)\nline  \(made.line)\n")
            return
        }
        let settings = try read()
        var logger = Logger(label: "theriac") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: settings.log.level.rawValue) ?? .info
        let store = try openStore(settings)
        let server = try ScoringServer(settings: settings, store: store, logger: logger)
        if check {
            try Terminal.out("The settings are good: \(server.summary).\n")
            return
        }
        let (config, flags) = (config, try flags())
        try Self.wait {
            try await server.run(reload: { try Self.read(config, flags) }) { port in
                Terminal.note("theriac: serving on \(settings.host):\(port) with \(server.summary)")
            }
        }
        try store?.close()
    }

    private func flags() throws -> [String: OptionValue] {
        var flags: [String: OptionValue] = [:]
        if let model {
            // Otherwise it is a shipped model's name.
            let isHere = FileManager.default.fileExists(atPath: model)
            flags["generation.model"] = isHere ? Self.absolute(model) : .string(model)
        }
        if let dtype { flags["generation.precision"] = .string(dtype) }
        if !adapters.isEmpty {
            let pairs = try adapters.map { text in
                let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard sides.count == 2 else { throw ValidationError("--adapter \(text): write name=dir.") }
                return (sides[0], Self.absolute(sides[1]))
            }
            flags["generation.adapters"] = .object(Dictionary(pairs) { $1 })
        }
        if !methods.isEmpty || !methodSettings.isEmpty {
            flags["generation.chain"] = try .chain(methods, settings: methodSettings)
        }
        if let host { flags["host"] = .string(host) }
        if let port { flags["port"] = .integer(port) }
        if let guardUpstream { flags["guard.upstream"] = .string(guardUpstream) }
        if let policy {
            flags["guard.policy"] = Self.absolute(policy)
        }
        if let store { flags["store"] = Self.absolute(store) }
        if !detectors.isEmpty { flags["detectors"] = .list(detectors.map { .string($0) }) }
        return flags
    }

    /// A flag's path starts here, not where the settings' file lies.
    private static func absolute(_ path: String) -> OptionValue {
        .string(URL(fileURLWithPath: path).standardizedFileURL.path)
    }

    /// Checking makes no file: a store that is not there yet would be made by serving.
    private func openStore(_ settings: ServerSettings) throws -> AuditStore? {
        guard let file = settings.store else { return nil }
        if check, !FileManager.default.fileExists(atPath: file.path) {
            guard FileManager.default.isWritableFile(atPath: file.deletingLastPathComponent().path) else {
                throw ValidationError(
                    "store '\(file.path)': it is not there, and cannot be made in its folder.")
            }
            return nil
        }
        var opening = AuditStore.Settings()
        opening.keepsTexts = settings.audit.texts
        return try AuditStore(at: file, settings: opening)
    }

    private func read() throws -> ServerSettings { try Self.read(config, flags()) }

    private static func read(_ config: String?, _ flags: [String: OptionValue]) throws -> ServerSettings {
        try ServerSettings.load(file: config.map { URL(fileURLWithPath: $0) }, flags: flags)
    }

    /// Runs `body` to its end while this thread waits: the other commands are not asynchronous.
    private static func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
        let ended = DispatchSemaphore(value: 0)
        let box = ResultBox()
        Task {
            do { try await body() } catch { box.error.withLock { $0 = error } }
            ended.signal()
        }
        ended.wait()
        if let error = box.error.withLock({ $0 }) { throw error }
    }

    private final class ResultBox: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }
}
