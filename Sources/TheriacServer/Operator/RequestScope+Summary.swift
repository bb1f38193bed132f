internal import Foundation
internal import Theriac
internal import TheriacAudit
internal import TheriacCorpora
internal import TheriacDetection

extension RequestScope {
    /// How many items and decisions the page lists.
    private static let listed = 20

    /// Gathers what the operator's page shows. Reads the store, so it blocks for some milliseconds.
    func summary(range: HistoryRange, now: Date = Date()) -> OperatorSummary {
        let history = services.metrics.history
        let slices = history.slices(last: range.minutes, step: range.step, now: now)
        var summary = OperatorSummary(
            server: serverRow(now), range: range, traffic: slices.map(Self.point),
            routes: Self.routeRows(history.routes, slices),
            scores: Self.scoreRows(
                history.slices(last: range.minutes, step: range.scoreStep, now: now), catalog),
            feedback: [], open: [], decisions: [], detectors: detectorRows, moderation: categoryRows,
            communities: [])
        do {
            try addStored(to: &summary)
        } catch {
            summary.isStoreUnreadable = true
        }
        return summary
    }

    private func serverRow(_ now: Date) -> OperatorSummary.Server {
        let stored = (try? storedKeys().count) ?? 0
        let load = services.store?.load
        return .init(
            version: Theriac.version, started: services.started, now: now, isHealthy: services.isHealthy,
            keys: state.keys.count + stored, requestsPerMinute: settings.quota.requestsPerMinute,
            hasStore: services.store != nil, recordedDecisions: settings.audit.decisions.rawValue,
            keepsDecisionTexts: settings.audit.texts, keepsFeedbackTexts: settings.feedback.texts,
            waitingWrites: load?.waiting ?? 0, lostDecisions: load?.lostDecisions ?? 0,
            policy: state.gate.map { "\($0.identity.name), sha256:\($0.identity.hash.prefix(16))" },
            waitForRestart: state.waiting)
    }

    // MARK: Traffic

    private static func milliseconds(_ p: Double, _ counts: [Int]) -> Double? {
        TrafficHistory.quantile(p, of: counts).map { ($0 * 1e5).rounded() / 100 }
    }

    private static func point(_ slice: TrafficHistory.Slice) -> OperatorSummary.Point {
        let latency = slice.latency
        return .init(
            start: slice.start, answered: slice.count(.answered), refused: slice.count(.refused),
            limited: slice.count(.limited), failed: slice.count(.failed),
            median: milliseconds(0.5, latency), percentile99: milliseconds(0.99, latency))
    }

    private static func routeRows(
        _ names: [String], _ slices: [TrafficHistory.Slice]
    ) -> [OperatorSummary.RouteRow] {
        names.enumerated().compactMap { place, name in
            func sum(_ outcome: TrafficHistory.Outcome) -> Int {
                slices.reduce(0) { $0 + $1.outcomes[place][outcome.rawValue] }
            }
            let all = TrafficHistory.Outcome.allCases.reduce(0) { $0 + sum($1) }
            guard all > 0 else { return nil }
            var latency = [Int](repeating: 0, count: TrafficHistory.latencyBounds.count + 1)
            for slice in slices {
                for (bin, count) in slice.latencies[place].enumerated() { latency[bin] += count }
            }
            return .init(
                route: name, requests: all, refused: sum(.refused), limited: sum(.limited),
                failed: sum(.failed), median: milliseconds(0.5, latency),
                percentile99: milliseconds(0.99, latency))
        }.sorted { ($0.requests, $1.route) > ($1.requests, $0.route) }
    }

    private static func scoreRows(
        _ slices: [TrafficHistory.Slice], _ catalog: DetectorCatalog
    ) -> [OperatorSummary.AttributeRow] {
        let measured = Set(catalog.detectors.flatMap(\.attributes))
        return Attribute.allCases.enumerated().filter { measured.contains($1) }.map { place, attribute in
            let histograms = slices.map { $0.scores[place] }
            let bins = histograms.reduce(into: [Int](repeating: 0, count: TrafficHistory.scoreBins)) {
                for (bin, count) in $1.enumerated() { $0[bin] += count }
            }
            let texts = bins.reduce(0, +)
            let width = 1 / Double(bins.count)
            func share(from value: Double) -> Double? {
                guard texts > 0 else { return nil }
                return Double(bins[Int(value * Double(bins.count))...].reduce(0, +)) / Double(texts)
            }
            let sum = bins.enumerated().reduce(0.0) { $0 + (Double($1.0) + 0.5) * width * Double($1.1) }
            return .init(
                attribute: attribute.rawValue, texts: texts, mean: texts > 0 ? sum / Double(texts) : nil,
                fromHalf: share(from: 0.5), fromNineTenths: share(from: 0.9), histograms: histograms)
        }
    }

    // MARK: The store

    private func addStored(to summary: inout OperatorSummary) throws {
        guard let store = services.store else { return }
        for kind in Feedback.Kind.allCases {
            summary.feedback.append(.init(kind: kind.rawValue))
        }
        for (kind, status, count) in try store.feedbackCounts() {
            guard let place = Feedback.Kind.allCases.firstIndex(of: kind) else { continue }
            switch status {
            case .open: summary.feedback[place].open = count
            case .accepted: summary.feedback[place].accepted = count
            case .rejected: summary.feedback[place].rejected = count
            }
        }
        summary.open = try store.feedback(FeedbackFilter(status: .open), limit: Self.listed).map { one in
            .init(
                id: one.id, kind: one.kind.rawValue, subject: one.subject.rawValue, time: one.time,
                text: one.text, reason: one.reason, suggested: one.labels, scores: one.scores,
                community: one.community, detector: one.detector)
        }
        summary.decisions = try store.decisions(limit: Self.listed).map { one in
            let highest = one.scores.max { ($0.value, $1.key) < ($1.value, $0.key) }
            return .init(
                time: one.time, route: one.route, stage: one.stage, action: one.action, rule: one.rule,
                community: one.community, attribute: highest?.key, score: highest?.value)
        }
        let loaded = Set(catalog.detectors.map(\.identity.hash))
        summary.communities = try store.thresholds().map { one in
            .init(
                community: one.community, attribute: one.attribute, threshold: one.threshold, low: one.low,
                high: one.high, goal: one.goal, texts: one.texts, positives: one.positives,
                detector: one.detector, isInForce: loaded.contains(one.detectorHash))
        }
    }

    // MARK: Detectors

    private var detectorRows: [OperatorSummary.DetectorRow] {
        let shelf = try? DetectorShelf(AssetFolder())
        return catalog.detectors.enumerated().map { place, detector in
            let identity = detector.identity
            // Cards belong to references of the settings; a detector handed over ready-made has none.
            let reference = settings.detectors.indices.contains(place) ? settings.detectors[place] : nil
            let isSame = reference.map { $0 == identity.name || $0.hasPrefix(identity.name + "@") } ?? false
            return .init(
                name: identity.name, version: identity.version, hash: identity.hash,
                trainingHash: identity.trainingHash, attributes: detector.attributes.map(\.rawValue),
                languages: settings.languages, isDefault: place == 0, waiting: detector.depth,
                card: isSame ? reference.flatMap { try? shelf?.card($0) } : nil)
        }
    }

    private var categoryRows: [OperatorSummary.CategoryThreshold] {
        let all = Dictionary(uniqueKeysWithValues: catalog.first.attributes.map { ($0, Float(1)) })
        return ModerationCategory.all.map { category in
            .init(
                category: category.name,
                threshold: Double("\(settings.moderation.threshold(category.name))") ?? 0,
                isSet: settings.moderation.thresholds[category.name] != nil,
                isMeasured: category.score(all) != nil)
        }
    }
}
