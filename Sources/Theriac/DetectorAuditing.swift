public import Foundation
public import TheriacCorpora
public import TheriacDetection
internal import TheriacEvaluation
internal import TheriacFiles

/// `theriac audit detector`: a detector's own bias on labelled sets, templates, swapped pairs and functional suites.
public struct DetectorAuditing {
    /// Names of labelled sets; of sets that detectors train on only the test split (else valid) is taken.
    public var sets: [String] = DetectorAuditing.defaultSets
    /// Files of identity templates; a missing one is left out with a note.
    public var templates: [URL] = []
    /// Functional suites, as tables or JSON lines.
    public var suites: [URL] = []
    /// Tables of texts with `toxic` and `group`, such as a dialect.
    public var tables: [URL] = []
    public var attribute = Attribute.toxicity
    public var threshold = 0.5
    /// Texts of each set at most, drawn by `seed`; 0: all.
    public var limit = 0
    public var resamples = 200
    public var seed: UInt64 = 1

    /// Sets that mention groups and judge both toxic and nontoxic texts, each from another kind of source. Not among them:
    /// sets without nontoxic texts, and sets that asked for hate only, whose negatives may well be toxic.
    public static let defaultSets = [
        "wikipedia-context-large", "wikipedia-fuzzed", "hatexplain", "davidson", "olid", "cad",
        "toxigen-annotated",
        "openai-moderation",
    ]

    private let detector: any Detector
    private let batch = 256

    public init(_ detector: any Detector) { self.detector = detector }

    /// Scores everything; `progress` gets what is being scored.
    public func run(dataFolder: URL, progress: (Stage) -> Void = { _ in }) throws -> DetectorAudit {
        guard detector.attributes.contains(attribute) else {
            throw WorkbenchError.noSuch(
                kind: "attributes of \(detector.identity.name)", name: attribute.rawValue,
                known: detector.attributes.map(\.rawValue))
        }
        var audit = DetectorAudit(detector: detector.identity, attribute: attribute, threshold: threshold)
        var pool = Pool()
        for name in sets { try add(set: name, dataFolder, to: &audit, &pool, progress) }
        if pool.sets > 1 { audit.sets.insert(try pooled(pool), at: 0) }
        try addTemplates(to: &audit, progress)
        for file in suites { try add(suite: file, to: &audit, progress) }
        for file in tables { try add(table: file, to: &audit, progress) }
        if tables.isEmpty {
            audit.notes.append(
                "Dialect is not measured: none of these sets says in which dialect a text is written. A table with the "
                    + "columns text, toxic and group can be given as --table.")
        }
        audit.notes.append(
            "Groups are found by word lists, which miss groups named otherwise and count \"black coffee\".")
        return audit
    }

    private func add(
        set name: String, _ folder: URL, to audit: inout DetectorAudit, _ pool: inout Pool,
        _ progress: (Stage) -> Void
    ) throws {
        guard let set = Datasets.named(name) else {
            throw WorkbenchError.noSuch(
                kind: "sets", name: name, known: Datasets.all.map { $0.card.name }.sorted())
        }
        let reading = try set.read(from: folder)
        if !reading.problems.isEmpty {
            audit.notes.append("\(reading.problems.count) rows of \(name) could not be read.")
        }
        let all = reading.elements.filter { $0.labels[attribute] != nil }
        var texts = all
        if set.card.use == .train {
            texts = all.filter { $0.split == .test }
            if texts.isEmpty { texts = all.filter { $0.split == .valid } }
        }
        texts = sample(texts)
        guard !texts.isEmpty else {
            return audit.notes.append(
                "\(name) has no texts labelled \(attribute.rawValue) that are not trained on.")
        }
        let scores = try score(texts.map(\.text), as: [attribute], name, progress)[0]
        let scored = texts.indices.filter { scores[$0] != nil }
        let values = scored.map { scores[$0] ?? 0 }
        let labels = scored.map { (texts[$0].labels[attribute] ?? 0) >= 0.5 }
        func audited(_ grouping: String, _ groups: [(name: String, members: [Bool])]) throws -> SetAudit {
            try SetAudit(
                name: name, grouping: grouping, scores: values, labels: labels, groups: groups,
                unscored: texts.count - scored.count, threshold: threshold, resamples: resamples, seed: seed)
        }
        guard !scored.isEmpty else { return audit.notes.append("No text of \(name) could be scored.") }
        let mentions = scored.map { IdentityTerms.groups(in: texts[$0].text) }
        audit.sets.append(
            try audited(
                "mention",
                IdentityTerms.all.map { group in (group.name, mentions.map { $0.contains(group.name) }) }))
        let targets = Self.targets(scored.map { texts[$0] })
        if !targets.isEmpty { audit.sets.append(try audited("target as rated", targets)) }
        if name == WikipediaFuzzed.card.name {
            audit.swaps.append(swaps(scored.map { texts[$0] }, values, labels))
        } else {
            pool.sets += 1
            pool.scores += values
            pool.labels += labels
            pool.mentions += mentions
        }
    }

    /// Scored texts of all sets but the swapped pairs.
    private struct Pool {
        var sets = 0
        var scores: [Double] = []
        var labels: [Bool] = []
        var mentions: [Set<String>] = []
    }

    /// All sets as one: single sets mention most groups too seldom. The sets differ in their sources and in what they call
    /// toxic, so a group that one set mentions most takes that set's difficulty along.
    private func pooled(_ pool: Pool) throws -> SetAudit {
        try SetAudit(
            name: "all \(pool.sets) sets", grouping: "mention", scores: pool.scores, labels: pool.labels,
            groups: IdentityTerms.all.map { group in
                (group.name, pool.mentions.map { $0.contains(group.name) })
            },
            threshold: threshold, resamples: resamples, seed: seed)
    }

    /// Groups that the raters of a set named, from half of them on: native labels with `/target/`.
    private static func targets(_ texts: [LabelledText]) -> [(name: String, members: [Bool])] {
        let names = Set(texts.flatMap { $0.native.keys.filter { $0.contains("/target/") } }).sorted()
        return names.map { name in
            let short = name.split(separator: "/").last.map(String.init) ?? name
            return (short, texts.map { ($0.native[name] ?? 0) >= 0.5 })
        }
    }

    private func swaps(_ texts: [LabelledText], _ scores: [Double], _ labels: [Bool]) -> SwapAudit {
        let places = Dictionary(texts.indices.map { (texts[$0].id, $0) }, uniquingKeysWith: { one, _ in one })
        let pairs = texts.indices.compactMap { index -> (original: Double, swapped: Double, isToxic: Bool)? in
            guard let other = places[texts[index].id + ":fuzzed"] else { return nil }
            return (scores[index], scores[other], labels[index])
        }
        return SwapAudit(name: "wikipedia-fuzzed", pairs: pairs, threshold: threshold, seed: seed)
    }

    private func addTemplates(to audit: inout DetectorAudit, _ progress: (Stage) -> Void) throws {
        let present = templates.filter { FileManager.default.fileExists(atPath: $0.path) }
        for file in templates where !present.contains(file) {
            audit.notes.append("There are no templates \(file.lastPathComponent).")
        }
        guard !present.isEmpty else { return }
        let phrases = try IdentityPhrases(paths: present.map(\.path))
        guard !phrases.texts.isEmpty else {
            return audit.notes.append("The templates hold no phrases.")
        }
        let scores = try score(phrases.texts, as: [attribute], "templates", progress)[0]
        let scored = scores.indices.filter { scores[$0] != nil }
        let terms = Set(phrases.terms).sorted()
        audit.templates.append(
            try SetAudit(
                name: "identity templates", grouping: "term", scores: scored.map { scores[$0] ?? 0 },
                labels: scored.map { phrases.labels[$0] },
                groups: terms.map { term in (term, scored.map { phrases.terms[$0] == term }) },
                unscored: scores.count - scored.count, threshold: threshold, resamples: 0))
    }

    private func add(suite file: URL, to audit: inout DetectorAudit, _ progress: (Stage) -> Void) throws {
        let reading = try FunctionalSuiteFile.read(path: file.path)
        let name = file.deletingPathExtension().lastPathComponent
        if !reading.problems.isEmpty {
            audit.notes.append("\(reading.problems.count) rows of \(name) could not be read.")
        }
        let cases = reading.elements
        // What a suite calls hateful is an attack on a group; abuse of others is toxic and right to be called so.
        let attributes = [Attribute.identityAttack, attribute].filter(detector.attributes.contains)
        let kinds = attributes.count == 2 && attributes[0] == attributes[1] ? [attributes[0]] : attributes
        let scores = try score(cases.map(\.text), as: kinds, name, progress)
        for (kind, values) in zip(kinds, scores) {
            audit.suites.append(
                SuiteAudit(name: name, attribute: kind, cases: cases, scores: values, threshold: threshold))
        }
    }

    private func add(table file: URL, to audit: inout DetectorAudit, _ progress: (Stage) -> Void) throws {
        let reading = try GroupedTextFile.read(path: file.path)
        let rows = reading.elements
        let name = file.deletingPathExtension().lastPathComponent
        if !reading.problems.isEmpty {
            audit.notes.append("\(reading.problems.count) rows of \(name) could not be read.")
        }
        let scores = try score(rows.map(\.text), as: [attribute], name, progress)[0]
        let scored = rows.indices.filter { scores[$0] != nil }
        guard !scored.isEmpty else { return audit.notes.append("No text of \(name) could be scored.") }
        let groups = Set(rows.map(\.group)).subtracting([""]).sorted()
        audit.sets.append(
            try SetAudit(
                name: name, grouping: "column group", scores: scored.map { scores[$0] ?? 0 },
                labels: scored.map { rows[$0].isToxic },
                groups: groups.map { group in (group, scored.map { rows[$0].group == group }) },
                unscored: rows.count - scored.count, threshold: threshold, resamples: resamples, seed: seed))
    }

    /// For each attribute one score a text; nil where the detector has none.
    private func score(
        _ texts: [String], as attributes: [Attribute], _ name: String, _ progress: (Stage) -> Void
    ) throws -> [[Double?]] {
        var scores = attributes.map { _ in [Double?]() }
        for start in stride(from: 0, to: texts.count, by: batch) {
            progress(Stage(name, done: start, total: texts.count))
            let part = Array(texts[start..<min(texts.count, start + batch)])
            for verdict in try detector.verdicts(for: part) {
                for (index, attribute) in attributes.enumerated() {
                    if case .scored(let values) = verdict {
                        scores[index].append(values[attribute].map(Double.init))
                    } else {
                        scores[index].append(nil)
                    }
                }
            }
        }
        progress(Stage(name, done: texts.count, total: texts.count))
        return scores
    }

    private func sample(_ texts: [LabelledText]) -> [LabelledText] {
        guard limit > 0, texts.count > limit else { return texts }
        // By the hash of the text without the seed's own stream, so that the two of a pair stay together.
        let order = texts.indices.sorted {
            (rank(texts[$0]), texts[$0].id) < (rank(texts[$1]), texts[$1].id)
        }
        return order.prefix(limit).sorted().map { texts[$0] }
    }

    private func rank(_ text: LabelledText) -> String {
        let id = text.id.split(separator: ":").first.map(String.init) ?? text.id
        return sha256(of: Array("\(seed) \(id)".utf8))
    }
}

extension DetectorAuditing {
    /// Writes `audit.json`, `audit.md` and `audit.html`.
    /// - Returns: the page.
    public static func write(_ audit: DetectorAudit, to folder: URL) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(audit), to: folder.appendingPathComponent("audit.json"))
        try AtomicFile.write(Data(audit.markdown.utf8), to: folder.appendingPathComponent("audit.md"))
        let page = folder.appendingPathComponent("audit.html")
        try AtomicFile.write(Data(AuditPage.render(audit).utf8), to: page)
        return page
    }
}
