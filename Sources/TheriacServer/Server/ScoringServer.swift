internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
internal import NIOSSL
internal import ServiceLifecycle
internal import Theriac
public import TheriacAudit
public import TheriacDetection
internal import TheriacOptions
internal import TheriacTensors
internal import UnixSignals

/// The HTTP server: Perspective's interface, OpenAI's moderation and completions, and the classifier routes of their
/// neighbours.
public struct ScoringServer: Sendable {
    let current: CurrentState
    let services: ServerServices
    private let logger: Logger

    /// Loads detectors and keys as `settings` say.
    ///
    /// - Throws: what is wrong with a detector, the keys or the certificate, in a sentence.
    public init(
        settings: ServerSettings, feedback: any FeedbackSink = CountingFeedbackSink(),
        decisions: any DecisionSink = CountingDecisionSink(), store: AuditStore? = nil, logger: Logger
    ) throws {
        try self.init(
            settings: settings, detectors: try Self.load(settings), feedback: feedback, decisions: decisions,
            store: store, logger: logger)
    }

    /// A server with detectors that are there already; the first is the default.
    ///
    /// - Parameters:
    ///   - feedback: where suggested scores go when there is no store.
    ///   - decisions: where decisions go when there is no store.
    ///   - store: keeps feedback and decisions, and has keys and learnt thresholds. Whoever opened it closes it.
    public init(
        settings: ServerSettings, detectors: [any Detector],
        feedback: any FeedbackSink = CountingFeedbackSink(),
        decisions: any DecisionSink = CountingDecisionSink(), store: AuditStore? = nil, logger: Logger
    ) throws {
        var checked = settings
        checked.store = checked.store ?? store?.url
        try checked.check()
        let metrics = ServerMetrics(Routes.guarded(settings.guard) + Routes.all)
        let state = try Self.state(settings, try Self.catalog(detectors, settings, metrics), metrics)
        let hasKeys = try !state.keys.isEmpty || store.map { try !$0.keyRing().isEmpty } ?? false
        guard settings.isLoopback || settings.open || hasKeys else {
            throw ServerSettingsError.strangers(host: settings.host)
        }
        let current = CurrentState(state)
        self.current = current
        services = ServerServices(
            metrics: metrics, feedback: feedback, decisions: decisions, store: store,
            storedDecisions: store.map { store in
                StoredDecisions(store) { current.value.settings.audit.decisions }
            },
            generation: try settings.generation.model.map {
                try GenerationHost(settings.generation, model: $0)
            })
        self.logger = logger
    }

    /// What the log may say at the start.
    public var summary: String {
        let state = current.value
        let detectors = state.catalog.detectors.map(\.identity.description).joined(separator: ", ")
        let model = services.generation.map { "; language model \($0.facts.base.name)" } ?? ""
        let stored = (try? services.store?.keyRing().count) ?? 0
        let keys = state.keys.count + stored
        return "\(detectors)\(model); "
            + (keys == 0 ? "no keys asked for" : keys == 1 ? "1 key" : "\(keys) keys")
            + (services.store == nil ? "" : ", with a store")
            + (state.upstream == nil ? "" : "; before an upstream")
            + (state.gate.map { "; by the policy \($0.identity.name)" } ?? "")
    }

    // MARK: Running

    /// Serves until SIGTERM or SIGINT, then finishes what was accepted.
    ///
    /// - Parameters:
    ///   - reload: reads the settings again on SIGHUP; nil: SIGHUP is not listened to.
    ///   - started: called with the port once connections are taken.
    public func run(
        reload: (@Sendable () throws -> ServerSettings)? = nil,
        started: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let application = try application(started: started)
        var members: [any Service] = [application]
        if let reload { members.append(ReloadService { await self.reload(reload) }) }
        var configuration = ServiceGroupConfiguration(
            services: members, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(
            current.value.settings.limits.shutdownSeconds)
        try await ServiceGroup(configuration: configuration).run()
        await services.generation?.close()
        for detector in current.value.catalog.detectors { await detector.close() }
        await current.value.gate?.close()
    }

    /// The application, for running and for tests.
    func application(
        started: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> Application<ServerResponder> {
        let settings = current.value.settings
        let limits = settings.limits
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                TransferLimits(limit: .seconds(Int64(limits.transferSeconds))), DisconnectWatch(),
            ],
            idleTimeout: .seconds(Int64(limits.idleSeconds)))
        channel.httpDecoder.maxHeaderFieldSize = limits.headerBytes
        channel.httpDecoder.maxHeaderListSize = limits.headerBytes
        channel.httpDecoder.maxHeaderFieldCount = 100
        let (configuration, tls) = (channel, try Self.certificate(settings.tls))
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, settings.log.requests ? .info : .notice)
        return Application(
            responder: ServerResponder(state: current, services: services),
            server: HTTPServerBuilder { responder in
                let plain = HTTP1Channel(responder: responder, configuration: configuration)
                guard let tls else { return LoopBoundChannel(base: plain) }
                return LoopBoundChannel(base: try TLSChannel(plain, tlsConfiguration: tls))
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(limits.connections, logger: quiet)),
            onServerRunning: { started($0.localAddress?.port ?? settings.port) }, logger: quiet)
    }

    /// Puts new settings into place for requests to come; those that run keep theirs. What holds until a restart
    /// (`ServerSettings.fixed`) stays as it was, and the log and the operator's page name what waits for one.
    func reload(_ read: @Sendable () throws -> ServerSettings) async {
        do {
            let old = current.value
            let (settings, waiting) = try read().applied(over: old.settings)
            let isSame = settings.loadsLike(old.settings)
            let catalog =
                isSame ? old.catalog : try Self.catalog(Self.load(settings), settings, services.metrics)
            let state = try Self.state(settings, catalog, services.metrics, waiting: waiting)
            _ = current.replace(with: state)
            logger.notice("settings read again: \(summary)")
            if !waiting.isEmpty {
                logger.warning(
                    "these settings stay as they were until a restart: \(waiting.joined(separator: ", "))")
            }
            guard !isSame || old.gate?.own.isEmpty == false else { return }
            // Requests that began before may still ask the old detectors.
            try? await Task.sleep(
                for: old.settings.limits.deadline + .seconds(old.settings.limits.transferSeconds))
            if !isSame { for detector in old.catalog.detectors { await detector.close() } }
            await old.gate?.close()
        } catch {
            logger.error("settings stay as they were: \(error)")
        }
    }

    // MARK: Making

    private static func load(_ settings: ServerSettings) throws -> [any Detector] {
        let shelf = DetectorShelf(try AssetFolder())
        if let threads = settings.threads { try Torch.setThreads(threads) }
        return try settings.detectors.map { try shelf.load($0) }
    }

    /// Everything that requests need, from settings and detectors.
    private static func state(
        _ settings: ServerSettings, _ catalog: DetectorCatalog, _ metrics: ServerMetrics,
        waiting: [String] = []
    ) throws -> ServerState {
        if settings.generation.model != nil, settings.guard.upstream != nil {
            throw GuardError.upstreamAndModel
        }
        if settings.guard.policy != nil, settings.guard.upstream == nil, settings.generation.model == nil {
            throw GuardError.policyAlone
        }
        let gate = try PolicyGate(settings, catalog, metrics)
        return ServerState(
            settings: settings, keys: try Self.keys(settings), catalog: catalog,
            routes: RouteTable(Routes.guarded(settings.guard) + Routes.all), gate: gate,
            upstream: try UpstreamGuard(settings.guard, gate), waiting: waiting)
    }

    private static func keys(_ settings: ServerSettings) throws -> KeyRing {
        try settings.keys.map { try KeyRing(file: $0) } ?? KeyRing()
    }

    private static func catalog(
        _ detectors: [any Detector], _ settings: ServerSettings, _ metrics: ServerMetrics
    ) throws -> DetectorCatalog {
        let loaded = detectors.map {
            LoadedDetector(
                $0, mode: settings.scoring, languages: settings.languages, batching: settings.batching.limits,
                metrics: metrics)
        }
        guard let first = loaded.first else { throw ServerError.unavailable }
        return DetectorCatalog(first, Array(loaded.dropFirst()))
    }

    private static func certificate(_ settings: TLSSettings) throws -> TLSConfiguration? {
        guard let certificate = settings.certificate, let key = settings.key else { return nil }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate.path), !chain.isEmpty else {
            throw ServerSettingsError.certificate(file: certificate.path)
        }
        guard let secret = try? NIOSSLPrivateKey(file: key.path, format: .pem) else {
            throw ServerSettingsError.certificate(file: key.path)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}

extension ServerSettings {
    /// Whether the same detectors would be loaded in the same way.
    fileprivate func loadsLike(_ other: ServerSettings) -> Bool {
        detectors == other.detectors && languages == other.languages && scoring == other.scoring
            && threads == other.threads && batching.option == other.batching.option
    }
}

/// Reads the settings again on SIGHUP.
private struct ReloadService: Service {
    let action: @Sendable () async -> Void

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            await action()
        }
    }
}
