import TheriacCorpora

/// The levels of a taxonomy, each asked only where the one above says so.
///
/// Source: OLID's three levels, Zampieri et al., *Predicting the Type and Target of Offensive Posts in Social Media*,
/// NAACL 2019.
public struct LabelHierarchy: Sendable, Equatable {
    public struct Level: Sendable, Equatable {
        public var name: String
        /// The class of the level above that a text must have; nil for the top.
        public var parent: String?
        /// The outputs that decide: one says yes or no at 0.5, of several the highest wins.
        public var heads: [String]
        /// The class of a text whose one head says no.
        public var otherwise: String?

        /// All classes, in the order of the heads.
        public var classes: [String] { heads.map(LabelHierarchy.plain) + [otherwise].compactMap { $0 } }
    }

    public var levels: [Level]

    public static let olid = LabelHierarchy(levels: [
        Level(name: "A", parent: nil, heads: ["olid/OFF"], otherwise: "NOT"),
        Level(name: "B", parent: "OFF", heads: ["olid/TIN"], otherwise: "UNT"),
        Level(name: "C", parent: "TIN", heads: ["olid/IND", "olid/GRP", "olid/OTH"], otherwise: nil),
    ])

    /// Every hierarchy. One line each.
    static let all = [olid]

    /// The classes of a text from the top down; it ends where no level below is asked.
    public func classes(_ scores: [String: Float]) -> [String] {
        var path: [String] = []
        for level in levels where level.parent == nil || path.last == level.parent {
            guard let found = Self.decide(level, scores) else { break }
            path.append(found)
        }
        return path
    }

    /// The class of one level, whatever the levels above say; nil when nothing is known of its outputs.
    static func decide(_ level: Level, _ scores: [String: Float]) -> String? {
        guard level.heads.contains(where: { scores[$0] != nil }) else { return nil }
        let values = level.heads.map { scores[$0] ?? 0 }
        guard let highest = values.max() else { return nil }
        if let otherwise = level.otherwise, highest < 0.5 { return otherwise }
        return values.firstIndex(of: highest).map { plain(level.heads[$0]) }
    }

    /// `TIN` of `olid/TIN`.
    private static func plain(_ label: String) -> String {
        label.split(separator: "/").last.map(String.init) ?? label
    }
}

extension DetectorReport {
    /// One level of a ``LabelHierarchy``.
    public struct LevelScore: Sendable, Codable, Equatable {
        public var level: String
        public var classes: [String]
        /// Texts with a label of this level.
        public var texts: Int
        /// Macro-F1 over the classes on those texts, the level being asked whatever the levels above say.
        public var conditional: Double
        /// Texts with a label of the top level.
        public var endToEndTexts: Int
        /// Macro-F1 over the classes on all texts: predicted and true class are none where the level above says no.
        public var endToEnd: Double
    }
}

extension LabelHierarchy {
    /// Scores of every hierarchy whose top the detector knows, on the texts that are labelled; nil without one.
    static func measure(
        _ detector: any LabelScoring, on texts: [LabelledText]
    ) throws -> [DetectorReport.LevelScore]? {
        let known = Set(detector.labels)
        guard let hierarchy = all.first(where: { known.isSuperset(of: $0.levels.first?.heads ?? []) }) else {
            return nil
        }
        let truths = texts.map { hierarchy.classes($0.native) }
        let taken = texts.indices.filter { !truths[$0].isEmpty }
        let scores = try detector.labelScores(for: taken.map { texts[$0].text }).map { $0 ?? [:] }
        let truth = taken.map { truths[$0] }
        return hierarchy.levels.enumerated().compactMap { depth, level in
            guard known.isSuperset(of: level.heads) else { return nil }
            let labelled = truth.indices.filter { truth[$0].count > depth }
            guard !labelled.isEmpty else { return nil }
            return DetectorReport.LevelScore(
                level: level.name, classes: level.classes, texts: labelled.count,
                conditional: macroF1(
                    level.classes, labelled.map { truth[$0][depth] },
                    labelled.map { decide(level, scores[$0]) }),
                endToEndTexts: truth.count,
                endToEnd: macroF1(
                    level.classes, truth.map { depth < $0.count ? $0[depth] : nil },
                    scores.map { scores in
                        let path = hierarchy.classes(scores)
                        return depth < path.count ? path[depth] : nil
                    }))
        }
    }

    /// The mean over the classes of 2·TP / (2·TP + FP + FN), 0 for a class that is neither there nor predicted.
    static func macroF1(_ classes: [String], _ truth: [String?], _ predicted: [String?]) -> Double {
        let scores = classes.map { name -> Double in
            var (hits, errors) = (0, 0)
            for (truth, predicted) in zip(truth, predicted) where truth == name || predicted == name {
                if truth == predicted { hits += 1 } else { errors += 1 }
            }
            return hits + errors == 0 ? 0 : Double(2 * hits) / Double(2 * hits + errors)
        }
        return scores.reduce(0, +) / Double(max(1, scores.count))
    }
}
