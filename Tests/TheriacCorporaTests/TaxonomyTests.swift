import Foundation
import Testing
import TheriacFiles

@testable import TheriacCorpora

@Suite struct TaxonomyTests {
    private func labels(_ shares: [String: Double]) -> [Attribute: Float] { NativeLabels(shares).labels }

    @Test func namesAreUnique() {
        #expect(Set(Taxonomies.all.map(\.name)).count == Taxonomies.all.count)
        #expect(Set(Taxonomies.nativeLabels).count == Taxonomies.nativeLabels.count)
        for name in [
            "olid", "jigsaw", "perspective", "davidson", "hatexplain", "openai", "openai-2023", "llama-guard",
            "edos", "cad", "toxigen", "hatemoji",
        ] {
            #expect(Taxonomies.named(name) != nil)
        }
        #expect(Taxonomies.named("openai")?.labels.count == 13)
        #expect(Taxonomies.named("llama-guard")?.labels.map(\.name) == (1...14).map { "S\($0)" })
    }

    /// A row that says nothing of attributes, or says less than the label, must say so.
    @Test func everyLossyStepIsNamed() {
        for taxonomy in Taxonomies.all where taxonomy.name != "perspective" {
            for label in taxonomy.labels where label.holds.isEmpty {
                #expect(label.lossy != nil, "\(taxonomy.name)/\(label.name)")
            }
        }
        for label in Taxonomies.all.flatMap(\.labels) {
            #expect(label.definition.hasSuffix(".") && (label.lossy?.hasSuffix(".") ?? true))
            #expect(label.holds.values.allSatisfy { (0...1).contains($0) })
            #expect(label.fails.values.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test func levelsOfOLID() throws {
        let untargeted = try NativeLabels.choosing("olid/OFF", "olid/UNT")
        #expect(untargeted.native == ["olid/OFF": 1, "olid/NOT": 0, "olid/UNT": 1, "olid/TIN": 0])
        #expect(untargeted.labels == [.toxicity: 1, .insult: 0, .profanity: 1])
        #expect(
            try NativeLabels.choosing("olid/OFF", "olid/TIN", "olid/GRP").labels == [
                .toxicity: 1, .insult: 1,
            ])
        #expect(try NativeLabels.choosing("olid/OFF").labels == [.toxicity: 1])
        #expect(try NativeLabels.choosing("olid/NOT").native == ["olid/OFF": 0, "olid/NOT": 1])
        #expect(throws: DatasetRow.Problem.self) { try NativeLabels.choosing("olid/ODD") }
    }

    @Test func sharesAreMeans() {
        #expect(
            labels(["davidson/hate": 0.25, "davidson/offensive": 0.5, "davidson/neither": 0.25])
                == [.toxicity: 0.75, .identityAttack: 0.25])
        #expect(labels(["perspective/INSULT": 0.3]) == [.insult: 0.3])
        #expect(labels(["jigsaw/obscene": 1, "jigsaw/toxic": 0]) == [.profanity: 1, .toxicity: 0])
    }

    /// The rules that the readers of OpenAI's set had before the table.
    @Test func openAILabelsFollowTheCard() {
        let names = ["hate", "hate/threatening", "harassment", "sexual", "violence"]
        for code in 0..<243 {
            var rest = code
            var state: [String: Bool] = [:]
            for name in names {
                if rest % 3 > 0 { state[name] = rest % 3 == 2 }
                rest /= 3
            }
            let hate = state["hate/threatening"] == true ? true : state["hate"]
            var expected: [Attribute: Float] = [:]
            expected[.identityAttack] = hate.map { $0 ? 1 : 0 }
            expected[.sexuallyExplicit] = state["sexual"].map { $0 ? 1 : 0 }
            if state["hate/threatening"] == true {
                expected[.threat] = 1
            } else if state["violence"] == false {
                expected[.threat] = 0
            }
            if hate == true || state["harassment"] == true {
                expected[.toxicity] = 1
            } else if hate == false,
                state["harassment"] == false, state["sexual"] != true, state["violence"] != true
            {
                expected[.toxicity] = 0
            }
            let shares = Dictionary(
                uniqueKeysWithValues: state.map { ("openai/\($0.key)", $0.value ? 1.0 : 0) })
            #expect(labels(shares) == expected, "\(state)")
        }
    }

    @Test func mapsOLIDToPerspective() throws {
        let mapping = try Taxonomies.mapping(from: "olid", to: "perspective")
        let rows = Dictionary(uniqueKeysWithValues: mapping.rows.map { ($0.label, $0) })
        #expect(rows["OFF"]?.becomes == ["TOXICITY"])
        #expect(rows["TIN"]?.becomes == ["TOXICITY", "INSULT"])
        #expect(rows["UNT"]?.becomes == ["TOXICITY", "PROFANITY"])
        #expect(rows["NOT"]?.becomes == [] && rows["NOT"]?.attributes["toxicity"] == 0)
        #expect(rows["IND"]?.becomes == [] && rows["IND"]?.lossy.isEmpty == false)
        #expect(mapping.unfilled.contains("THREAT") && !mapping.unfilled.contains("INSULT"))
    }

    @Test func mapsHateToHazards() throws {
        let mapping = try Taxonomies.mapping(from: "davidson", to: "llama-guard")
        #expect(mapping.rows.map(\.becomes) == [["S5", "S10"], ["S5"], []])
        let openAI = try Taxonomies.mapping(from: "openai-2023", to: "openai")
        let rows = Dictionary(uniqueKeysWithValues: openAI.rows.map { ($0.label, $0.becomes) })
        #expect(rows["H2"]?.contains("hate/threatening") == true)
        #expect(rows["H"] == ["harassment", "hate"])
        #expect(rows["S"] == ["sexual"])
        #expect(throws: CorporaError.unknownTaxonomy("odd", known: Taxonomies.all.map(\.name))) {
            try Taxonomies.mapping(from: "odd", to: "olid")
        }
    }
}
