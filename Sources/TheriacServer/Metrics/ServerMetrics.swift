internal import HTTPTypes
internal import Synchronization
internal import TheriacCorpora
internal import TheriacDetection

/// What the server counts. Labels never hold texts, keys or communities.
final class ServerMetrics: Sendable {
    /// Of one route.
    private final class RouteCounts: Sendable {
        let codes = CounterTable()
        /// The usual code without a look-up.
        let ok = Counter()
        let duration = Histogram(ServerMetrics.seconds)
    }

    private static let seconds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    private static let tenths = (1...10).map { Double($0) / 10 }

    private let routes: [String: RouteCounts]
    private let others = RouteCounts()
    private let inFlight = Atomic<Int>(0)
    private let queue = Histogram(seconds)
    private let batch = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    private let inference = Mutex<[String: Histogram]>([:])
    private let scored = CounterTable()
    private let scores: [Attribute: Histogram]
    private let feedback = CounterTable()
    private let decisions = CounterTable()
    /// The last day by the minute, for the operator's page.
    let history: TrafficHistory

    init(_ routes: [Route]) {
        self.routes = Dictionary(
            routes.map { ($0.name, RouteCounts()) }, uniquingKeysWith: { first, _ in first })
        scores = Dictionary(uniqueKeysWithValues: Attribute.allCases.map { ($0, Histogram(Self.tenths)) })
        history = TrafficHistory(routes)
    }

    func begin() { inFlight.wrappingAdd(1, ordering: .relaxed) }

    /// - Parameter route: nil for a path that is none.
    func end(_ route: Route?, code: Int, after duration: Duration) {
        inFlight.wrappingSubtract(1, ordering: .relaxed)
        let counts = route.flatMap { routes[$0.name] } ?? others
        if code == 200 { counts.ok.add() } else { counts.codes["code=\"\(code)\""].add() }
        counts.duration.observe(duration / .seconds(1))
        history.count(route, code: code, after: duration)
    }

    func observeQueue(_ duration: Duration) { queue.observe(duration / .seconds(1)) }

    func observeBatch(_ texts: Int) { batch.observe(Double(texts)) }

    func observeInference(_ model: String, _ duration: Duration, texts: Int) {
        let histogram = inference.withLock { table in
            if let found = table[model] { return found }
            let made = Histogram(Self.seconds)
            table[model] = made
            return made
        }
        histogram.observe(duration / .seconds(1))
    }

    func countTexts(_ number: Int, model: String, language: String) {
        scored["model=\"\(model)\",language=\"\(language)\""].add(number)
    }

    func observe(_ attribute: Attribute, _ score: Float) {
        scores[attribute]?.observe(Double(score))
        history.observe(attribute, score)
    }

    /// All that was measured of a text.
    func observe(_ scores: AttributeScores) {
        for (attribute, score) in scores { observe(attribute, score) }
    }

    func countDecision(_ direction: String, _ action: String) {
        decisions["direction=\"\(direction)\",action=\"\(action)\""].add()
    }

    /// Names that callers make up count as one.
    func countFeedback(_ attributes: [String]) {
        for attribute in attributes {
            let isKnown =
                PerspectiveAttributes.scored[attribute] != nil
                || PerspectiveAttributes.published.contains(attribute)
            feedback["attribute=\"\(isKnown ? attribute : "other")\""].add()
        }
    }

    // MARK: Exposition

    func write(to output: inout Exposition, catalog: DetectorCatalog) {
        output.begin("theriac_requests", "counter", "Requests answered.")
        for (name, counts) in named {
            output.sample("theriac_requests_total", "route=\"\(name)\",code=\"200\"", counts.ok.value)
            for (labels, value) in counts.codes.all {
                output.sample("theriac_requests_total", "route=\"\(name)\",\(labels)", value)
            }
        }
        output.begin(
            "theriac_request_duration_seconds", "histogram", "From the request's last byte to the answer.")
        for (name, counts) in named {
            output.histogram("theriac_request_duration_seconds", "route=\"\(name)\"", counts.duration)
        }
        output.begin("theriac_queue_duration_seconds", "histogram", "Texts waiting for their batch.")
        output.histogram("theriac_queue_duration_seconds", "", queue)
        output.begin("theriac_inference_duration_seconds", "histogram", "Scoring one call, waiting included.")
        for (model, histogram) in inference.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            output.histogram("theriac_inference_duration_seconds", "model=\"\(model)\"", histogram)
        }
        output.begin("theriac_batch_size", "histogram", "Texts scored together.")
        output.histogram("theriac_batch_size", "", batch)
        output.begin("theriac_requests_in_flight", "gauge", "Requests being answered.")
        output.sample("theriac_requests_in_flight", "", inFlight.load(ordering: .relaxed))
        output.begin("theriac_queue_depth", "gauge", "Texts that wait.")
        output.sample("theriac_queue_depth", "", catalog.detectors.reduce(0) { $0 + $1.depth })
        output.begin("theriac_texts_scored", "counter", "Texts scored.")
        for (labels, value) in scored.all { output.sample("theriac_texts_scored_total", labels, value) }
        output.begin(
            "theriac_score", "histogram", "Scores by attribute: a change of shape is a change of traffic.")
        for attribute in Attribute.allCases {
            guard let histogram = scores[attribute] else { continue }
            output.histogram("theriac_score", "attribute=\"\(attribute.rawValue)\"", histogram)
        }
        output.begin("theriac_feedback", "counter", "Scores suggested.")
        for (labels, value) in feedback.all { output.sample("theriac_feedback_total", labels, value) }
        output.begin("theriac_decisions", "counter", "Texts that the policy decided on.")
        for (labels, value) in decisions.all { output.sample("theriac_decisions_total", labels, value) }
        output.begin("theriac_model_info", "gauge", "The detectors that are loaded.")
        for detector in catalog.detectors {
            let identity = detector.identity
            output.sample(
                "theriac_model_info",
                "model=\"\(identity.name)\",revision=\"\(identity.hash.prefix(16))\",calibration=\"\(identity.version)\"",
                1)
        }
    }

    private var named: [(String, RouteCounts)] {
        routes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("none", others)]
    }
}

extension RequestScope {
    /// Counts the texts and scores of an answered job.
    func count(_ job: AnalyzeJob, _ verdicts: [[Verdict]]) {
        for detector in job.detectors {
            services.metrics.countTexts(
                job.texts.count, model: detector.identity.name,
                language: job.request.languages.isEmpty ? "detected" : "given"
            )
        }
        for entry in job.wanted {
            guard case .scored(let scores)? = verdicts[entry.detector].first,
                let score = scores[entry.attribute]
            else { continue }
            services.metrics.observe(entry.attribute, score)
        }
    }
}
