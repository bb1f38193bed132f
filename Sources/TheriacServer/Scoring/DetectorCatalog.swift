internal import HTTPTypes
internal import TheriacCorpora
internal import TheriacDetection

/// A detector that the server has loaded, with its way of scoring.
public final class LoadedDetector: Sendable {
    /// When texts are scored.
    public enum Mode: String, Sendable, CaseIterable {
        /// At once for fast kinds, in batches for the others.
        case automatic = "auto"
        case inline
        case batched
    }

    let identity: DetectorIdentity
    let attributes: [Attribute]
    private let languages: Set<String>
    private let scorer: any TextScorer
    private let signature: String
    private let revision: String

    /// - Parameter languages: base codes it can read, such as `en`; empty for all.
    init(
        _ detector: any Detector, mode: Mode = .automatic, languages: [String] = ["en"],
        batching: BatchingScorer.Limits = .init(), metrics: ServerMetrics? = nil
    ) {
        identity = detector.identity
        attributes = detector.attributes
        self.languages = Set(languages.map { $0.lowercased() })
        let isFast = detector is LinearDetector || detector is LexiconDetector
        scorer =
            mode == .inline || mode == .automatic && isFast
            ? InlineScorer(detector: detector)
            : BatchingScorer(detector, limits: batching, metrics: metrics)
        signature = "\(identity.name)@\(identity.version)"
        revision = "sha256:\(identity.hash)"
    }

    var depth: Int { scorer.depth }

    /// Whether texts in `language` (ISO 639-1 or BCP 47) can be scored.
    func reads(_ language: String) -> Bool {
        guard !languages.isEmpty, !languages.contains(language) else { return true }
        let language = language.lowercased()
        // A region does not change who can read it; a script may: hi-Latn is not hi.
        let parts = language.split(whereSeparator: { $0 == "-" || $0 == "_" })
        guard let base = parts.first, !parts.dropFirst().contains(where: { $0.count == 4 }) else {
            return languages.contains(language)
        }
        return languages.contains(language) || languages.contains(String(base))
    }

    func verdicts(for texts: [String], _ scope: RequestScope) async throws -> [Verdict] {
        let metrics = scope.services.metrics
        let start = ContinuousClock.now
        let verdicts: [Verdict]
        do {
            verdicts = try await scorer.verdicts(for: texts, before: start + scope.settings.limits.deadline)
        } catch {
            // Refusals are the server's; anything else says that the detector itself failed.
            if !(error is ServerError) { scope.services.noteDetector(failed: true) }
            throw error
        }
        scope.services.noteDetector(failed: false)
        metrics.observeInference(identity.name, ContinuousClock.now - start, texts: texts.count)
        return verdicts
    }

    /// Says in an answer's head who scored.
    func sign(_ response: inout ServerResponse) {
        let others = response.headers[.detector].map { "\($0), " } ?? ""
        response.headers[.detector] = others + signature
        let revisions = response.headers[.revision].map { "\($0), " } ?? ""
        response.headers[.revision] = revisions + revision
    }

    func close() async { await scorer.close() }
}

/// The detectors of a server; the first is the one that counts unless another is asked for.
public struct DetectorCatalog: Sendable {
    let first: LoadedDetector
    let detectors: [LoadedDetector]

    init(_ first: LoadedDetector, _ others: [LoadedDetector] = []) {
        self.first = first
        detectors = [first] + others
    }

    /// The detector that `pin` means: a name, a version of the first, a hash's first digits (eight or more, with or without
    /// `sha256:`), or `name@…` with one of these. nil for no pin means the first.
    func detector(pin: String?) -> LoadedDetector? {
        guard let pin else { return first }
        if let named = detectors.first(where: { $0.identity.name == pin }) { return named }
        if let reference = try? DetectorReference(pin), reference.name != pin {
            return detectors.first {
                $0.identity.name == reference.name && (try? reference.check($0.identity)) != nil
            }
        }
        if first.identity.version == pin { return first }
        let digits = pin.hasPrefix("sha256:") ? pin.dropFirst(7) : pin[...]
        guard digits.utf8.count >= DetectorReference.fewestDigits,
            digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { return nil }
        return detectors.first { $0.identity.hash.hasPrefix(digits.lowercased()) }
    }
}
