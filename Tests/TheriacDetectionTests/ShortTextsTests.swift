import Foundation
import Testing
import TheriacCorpora
import TheriacFiles
import TheriacOptions

@testable import TheriacDetection

@Suite struct ShortTextsTests {
    private func texts(_ yaml: String, seed: UInt64 = 1) throws -> ShortTexts {
        try ShortTexts(ShortTextFile(OptionValue(yaml: yaml, source: "texts"), source: "texts"), seed: seed)
    }

    private let yaml = """
        words: { kind: [old, new, odd], thing: [hat, oven] }
        held-out: { innocent: [a new oven!], insulting: [you oaf] }
        groups:
          - labels: { toxicity: 0.1, threat: 0 }
            templates: ["a {kind} {thing}"]
            texts: [hello]
          - labels: { toxicity: 0.9 }
            templates: ["{kind}{kind}{kind}{kind}"]
            texts: [You oaf]
            draws: 10
        """

    @Test func fillsTemplates() throws {
        let made = try texts(yaml)
        let first = made.texts.filter { $0.labels[.threat] == 0 }
        #expect(
            Set(first.map(\.text)) == [
                "an old hat", "a new hat", "an odd hat", "an old oven", "an odd oven", "hello",
            ])
        #expect(first.allSatisfy { $0.labels == [.toxicity: 0.1, .threat: 0] })
        let drawn = made.texts.filter { $0.labels[.toxicity] == 0.9 }.map(\.text)
        #expect(drawn.count == 10 && Set(drawn).count == 10)
        #expect(drawn.allSatisfy { $0.count == 12 })
        #expect(try texts(yaml).texts == made.texts)
        #expect(try texts(yaml, seed: 2).texts != made.texts)
    }

    @Test func keepsTheHeldOutTextsOut() throws {
        let made = try texts(yaml)
        #expect(made.heldOut.innocent == ["a new oven!"])
        #expect(!made.texts.contains { $0.text == "a new oven" || $0.text == "You oaf" })
    }

    @Test(arguments: [
        "groups: [{ labels: { toxicity: 2 }, texts: [a] }]",
        "groups: [{ labels: { rudeness: 1 }, texts: [a] }]",
        "groups: [{ labels: { toxicity: 1 }, templates: ['{nothing} a'] }]", "groups: [{ texts: [a] }]",
    ])
    func refusesMistakes(yaml: String) {
        #expect(throws: (any Error).self) { try texts(yaml) }
    }

    @Test func bundledTextsAreDividedWithoutOverlap() throws {
        let file = Place.package.appending(path: "Assets/text/short-texts.yaml")
        let all = try ShortTexts(file: file, seed: 1).texts
        let parts = Dictionary(grouping: all) { TextPart.part(of: $0.text, parts: 2) }
            .mapValues { Set($0.map { TextPart.name(of: $0.text) }) }
        #expect(parts.count == 2 && parts.values.allSatisfy { $0.count > 2000 })
        #expect(parts[0]?.isDisjoint(with: parts[1] ?? []) == true)
        #expect(all.contains { ($0.labels[.toxicity] ?? 0) > 0.8 && ($0.labels[.insult] ?? 0) > 0.5 })
    }
}

@Suite struct ContrastTextsTests {
    /// A phrase that were always toxic, or always harmless, would teach the phrase and not the sentence.
    @Test func phrasesOfHateStandOnBothSides() throws {
        let file = Place.package.appending(path: "Assets/text/contrast-texts.yaml")
        let made = try ShortTexts(file: file, seed: 1)
        func holding(_ phrase: String) -> [Float] {
            made.texts.filter { $0.text.contains(phrase) }.compactMap { $0.labels[.toxicity] }
        }
        for phrase in [
            "are vermin", "are thieves", "should not be allowed to vote", "are a burden",
            "should be locked away",
        ] {
            let labels = holding(" \(phrase)")
            #expect(labels.count { $0 > 0.8 } > 5, "\(phrase)")
            #expect(labels.count { $0 < 0.2 } > 5, "\(phrase)")
        }
        #expect(holding("deserve respect").allSatisfy { $0 < 0.4 })
        #expect(made.heldOut.innocent.count == 20 && made.heldOut.insulting.count == 20)
        let names = Set((made.heldOut.innocent + made.heldOut.insulting).map { TextPart.name(of: $0) })
        #expect(!made.texts.contains { names.contains(TextPart.name(of: $0.text)) })
    }
}

@Suite struct IdentityTemplatesTests {
    @Test func measuresEachTerm() throws {
        try Place.withTemporaryFolder { folder in
            let file = folder.appending(path: "templates.csv")
            let lines = [
                "template,toxicity,phrase", "am_hate_adj,nontoxic,I am deep blue",
                "am_hate_adj,toxic,I hate deep blue",
                "being_adj,nontoxic,Being deep blue is nice", "being_adj,toxic,Being deep blue is bad",
                "you_are_adj,nontoxic,You are a nice red", "you_are_adj,toxic,You are a bad red",
                "verb_adj,nontoxic,hug red", "verb_adj,toxic,bad red", "name_adj,toxic,Ann is a bad red",
            ]
            try Data(lines.joined(separator: "\n").utf8).write(to: file)
            let templates = try IdentityTemplates(path: file.path)
            #expect(templates.texts.count == 9 && templates.phrases.count == 8)
            #expect(Set(templates.phrases.map(\.term)) == ["deep blue", "red"])
            // Weights of "bad" and "red" alone: "red" is taken for rude, "hate" is not known.
            let detector = LinearDetector(
                identity: DetectorIdentity(name: "red", version: "1", hash: ""),
                weights: weights(of: ["bad": 100, "red": 60]))
            let (terms, bias) = try templates.measure(detector)
            #expect(terms.map(\.term) == ["red", "deep blue"])
            #expect(terms.map(\.falsePositiveRate) == [1, 0])
            #expect(terms.map(\.falseNegativeRate) == [0, 0.5])
            #expect(terms[0].subgroup == 1 && terms[1].subgroup > 0.5)
            #expect(terms[0].backgroundPositive == 0.5 && terms[1].backgroundPositive == 1)
            // Every nontoxic phrase about red scores above every one about deep blue, so no background outscores it.
            #expect(terms.map(\.negativeGap) == [0.5, -0.5])
            let all = try #require(bias)
            // All nontoxic phrases of one of two terms are flagged: half of all, which either term differs from by half.
            #expect(all.falsePositiveDifference == 0.5)
            let areas = terms.map(\.backgroundPositive)
            #expect(all.powerMeanBackgroundPositive == UnintendedBias.powerMean(areas))
            #expect((all.powerMeanBackgroundPositive ?? 1) < areas.reduce(0, +) / 2)
        }
    }

    /// A model that knows a few words.
    private func weights(of words: [String: Int8]) -> LinearWeights {
        var settings = FeatureSettings()
        settings.lengthExponent = 0
        var table = FeatureTable(bits: settings.hashBits)
        for (word, weight) in words {
            let hash = word.utf8.withContiguousStorageIfAvailable { bytes in
                (Array(bytes) + [UInt8](repeating: 0, count: 8)).withUnsafeBufferPointer {
                    $0.baseAddress.map { WordFeatures(settings).hash.word($0, count: word.utf8.count) }
                }
            }
            guard case let feature?? = hash else { continue }
            table.set(
                slot: FeatureTable.slot(of: feature, bits: settings.hashBits),
                fingerprint: FeatureTable.fingerprint(of: feature), weights: [weight, 0, 0, 0, 0, 0, 0])
        }
        return LinearWeights(
            features: settings, table: table, scale: [Double](repeating: 0.1, count: 7),
            offset: [Double](repeating: -2, count: 7),
            calibration: [Calibration](repeating: .identity, count: 7))
    }
}
