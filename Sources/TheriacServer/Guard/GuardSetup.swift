internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles
internal import TheriacRemote

extension PolicyGate {
    /// Reads the policy and finds its detectors: among those that are there, else from the shelf.
    ///
    /// - Returns: nil when no policy is named.
    /// - Throws: what is wrong with the policy or a detector, in a sentence; ``GuardError``.
    init?(_ settings: ServerSettings, _ catalog: DetectorCatalog, _ metrics: ServerMetrics) throws {
        guard let file = settings.guard.policy else { return nil }
        let policy = try Policy(file: file)
        var own: [LoadedDetector] = []
        func detector(_ reference: String) throws -> LoadedDetector {
            if let there = catalog.detector(pin: reference) { return there }
            let folder = file.deletingLastPathComponent()
            let loaded = LoadedDetector(
                try DetectorShelf(AssetFolder()).load(reference, relativeTo: folder), mode: settings.scoring,
                languages: settings.languages, batching: settings.batching.limits, metrics: metrics)
            own.append(loaded)
            return loaded
        }
        let judge = try policy.detector.map { try detector($0) } ?? catalog.first
        let screen = try policy.screen.map { try detector($0.detector) }
        let missing = policy.attributes.subtracting(judge.attributes)
        guard missing.isEmpty else {
            throw GuardError.unscored(
                policy: file.lastPathComponent, attributes: missing.map(\.rawValue).sorted(),
                detector: judge.identity.description)
        }
        let rewrites = policy.rulesInNeedOfRewriter
        guard rewrites.isEmpty else {
            throw GuardError.needsRewriter(policy: file.lastPathComponent, rules: rewrites)
        }
        self.init(
            policy: policy,
            identity: PolicyIdentity(
                name: file.lastPathComponent, hash: try sha256(ofFileAt: file)),
            judge: judge, screen: screen?.identity == judge.identity ? nil : screen,
            keepsTexts: settings.guard.texts, mostTries: settings.guard.resampleTries ?? .max, own: own)
    }
}

extension UpstreamGuard {
    /// - Returns: nil when no upstream is named.
    /// - Throws: what is wrong with the address, the key or the certificate, in a sentence.
    convenience init?(_ settings: GuardServingSettings, _ gate: PolicyGate?) throws {
        guard let address = settings.upstream, let gate else { return nil }
        var upstream = try UpstreamSettings(address: address)
        upstream.keyVariable = settings.keyVariable
        upstream.certificateAuthority = settings.certificateAuthority?.path
        upstream.connectTimeout = settings.connectTimeout
        upstream.timeout = settings.timeout
        upstream.silence = settings.silence
        upstream.attempts = settings.attempts
        upstream.connections = settings.concurrency
        upstream.largestAnswer = settings.answerBytes
        if let variable = settings.keyVariable,
            ProcessInfo.processInfo.environment[variable]?.isEmpty ?? true
        {
            throw GuardError.noKey(variable: variable)
        }
        self.init(settings, gate: gate, client: try UpstreamClient(upstream))
    }
}
