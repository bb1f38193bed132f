import Foundation
import TheriacFiles

/// The sentence templates of the *unintended bias* project, filled with terms for groups of people.
///
/// Each term stands in the same sentences, half of them toxic by their adjective ("Being ‹term› is lovely",
/// "You are a vile ‹term›"), so that a score should not depend on the term. Source: Dixon et al., *Measuring
/// and Mitigating Unintended Bias in Text Classification*, 2018; file `identity-templates-en.csv.gz`.
struct IdentityTemplates {
    struct Phrase: Equatable {
        var term: String
        var text: String
        var isToxic: Bool
    }

    /// Phrases with a term, without those of the template `name_adj`, which repeat the adjectives for each of
    /// many names.
    private(set) var phrases: [Phrase] = []
    /// Every phrase of the file.
    private(set) var texts: [String] = []

    /// Reads lines `template,nontoxic|toxic,phrase`.
    init(path: String) throws {
        let reader = try LineReader(path: path)
        while let line = try reader.next() {
            let fields = (line.text ?? "").split(separator: ",", maxSplits: 2).map(String.init)
            guard fields.count == 3, fields[1] == "toxic" || fields[1] == "nontoxic" else { continue }
            texts.append(fields[2])
            guard let term = Self.term(of: fields[2], template: fields[0]) else { continue }
            phrases.append(Phrase(term: term, text: fields[2], isToxic: fields[1] == "toxic"))
        }
    }

    static func term(of phrase: String, template: String) -> String? {
        let words = phrase.split(separator: " ")
        let inside: ArraySlice<Substring>
        switch template {
        case "verb_adj": inside = words.dropFirst(1)
        case "am_hate_adj": inside = words.dropFirst(2)
        case "being_adj": inside = words.dropFirst(1).dropLast(2)
        case "you_are_adj": inside = words.dropFirst(4)
        default: return nil
        }
        return inside.isEmpty ? nil : inside.joined(separator: " ")
    }
}

extension DetectorReport {
    /// How a detector treats one term of ``IdentityTemplates``.
    ///
    /// Areas under ROC: `subgroup` over the term's phrases, `backgroundPositive` over the term's nontoxic and
    /// the other terms' toxic ones (low: plain mentions of the term score too high), `backgroundNegative` over
    /// the term's toxic and the others' nontoxic ones. Source: Borkan et al., *Nuanced Metrics for
    /// Measuring Unintended Bias*, 2019.
    public struct IdentityTerm: Sendable, Codable, Equatable {
        public var term: String
        public var phrases: Int
        /// Share of nontoxic phrases with toxicity of at least 0.5, and of toxic ones below.
        public var falsePositiveRate: Double
        public var falseNegativeRate: Double
        public var subgroup: Double
        public var backgroundPositive: Double
        public var backgroundNegative: Double
        /// ``EqualityGap/average(group:background:)`` of the term's phrases against the other terms', among nontoxic and
        /// among toxic ones: above 0 where the term scores higher. nil in reports of before they were measured.
        public var negativeGap: Double?
        public var positiveGap: Double?
    }

    /// All terms of ``IdentityTemplates`` in single figures.
    public struct IdentityBias: Sendable, Codable, Equatable {
        /// Area under ROC over all phrases.
        public var overall: Double
        /// ``UnintendedBias/powerMean(_:power:)`` over the terms.
        public var powerMeanSubgroup: Double?
        public var powerMeanBackgroundPositive: Double?
        public var powerMeanBackgroundNegative: Double?
        /// ``UnintendedBias/finalScore(overall:groups:power:)``.
        public var finalScore: Double?
        /// Mean over terms of |rate − rate of all phrases|: FPED and FNED divided by the number of terms.
        public var falsePositiveDifference: Double
        public var falseNegativeDifference: Double
    }
}

extension IdentityTemplates {
    /// Terms in the order of their false positive rates, the highest first, and all of them together.
    func measure(
        _ detector: any Detector
    ) throws -> (terms: [DetectorReport.IdentityTerm], bias: DetectorReport.IdentityBias?) {
        let scores = try detector.verdicts(for: phrases.map(\.text)).map { Double($0.toxicity ?? 0) }
        let terms = try Dictionary(grouping: phrases.indices) { phrases[$0].term }
            .map { try measured($0, own: $1, scores) }
            .sorted { ($1.falsePositiveRate, $0.term) < ($0.falsePositiveRate, $1.term) }
        guard !terms.isEmpty else { return ([], nil) }
        return (terms, try bias(terms, scores))
    }

    private func measured(
        _ term: String, own: [Int], _ scores: [Double]
    ) throws -> DetectorReport.IdentityTerm {
        func area(where isTaken: (Phrase) -> Bool) throws -> Double {
            let taken = phrases.indices.filter { isTaken(phrases[$0]) }
            return try areaUnderROC(
                scores: taken.map { scores[$0] }, labels: taken.map { phrases[$0].isToxic })
        }
        func gap(isToxic: Bool) -> Double? {
            let same = phrases.indices.filter { phrases[$0].isToxic == isToxic }
            return EqualityGap.average(
                group: same.filter { phrases[$0].term == term }.map { scores[$0] },
                background: same.filter { phrases[$0].term != term }.map { scores[$0] })
        }
        let clean = own.filter { !phrases[$0].isToxic }
        let toxic = own.filter { phrases[$0].isToxic }
        return DetectorReport.IdentityTerm(
            term: term, phrases: own.count,
            falsePositiveRate: Double(clean.count { scores[$0] >= 0.5 }) / Double(max(1, clean.count)),
            falseNegativeRate: Double(toxic.count { scores[$0] < 0.5 }) / Double(max(1, toxic.count)),
            subgroup: try area { $0.term == term },
            backgroundPositive: try area { ($0.term == term) != $0.isToxic },
            backgroundNegative: try area { ($0.term == term) == $0.isToxic },
            negativeGap: gap(isToxic: false), positiveGap: gap(isToxic: true))
    }

    private func bias(
        _ terms: [DetectorReport.IdentityTerm], _ scores: [Double]
    ) throws -> DetectorReport.IdentityBias {
        let overall = try areaUnderROC(scores: scores, labels: phrases.map(\.isToxic))
        let areas = terms.map {
            SubgroupAreas(
                subgroup: $0.subgroup, backgroundPositive: $0.backgroundPositive,
                backgroundNegative: $0.backgroundNegative)
        }
        /// Share of the phrases of one kind that are on the wrong side of 0.5.
        func rate(isToxic: Bool) -> Double {
            let same = phrases.indices.filter { phrases[$0].isToxic == isToxic }
            return Double(same.count { (scores[$0] >= 0.5) != isToxic }) / Double(max(1, same.count))
        }
        func difference(_ overall: Double, _ rates: [Double]) -> Double {
            UnintendedBias.equalityDifference(overall: overall, groups: rates) / Double(rates.count)
        }
        return DetectorReport.IdentityBias(
            overall: overall,
            powerMeanSubgroup: UnintendedBias.powerMean(terms.map(\.subgroup)),
            powerMeanBackgroundPositive: UnintendedBias.powerMean(terms.map(\.backgroundPositive)),
            powerMeanBackgroundNegative: UnintendedBias.powerMean(terms.map(\.backgroundNegative)),
            finalScore: UnintendedBias.finalScore(overall: overall, groups: areas),
            falsePositiveDifference: difference(rate(isToxic: false), terms.map(\.falsePositiveRate)),
            falseNegativeDifference: difference(rate(isToxic: true), terms.map(\.falseNegativeRate)))
    }
}
