import Foundation
import Testing
import TheriacCorpora
import TheriacOptions

@testable import TheriacDetection

@Suite struct TextAttackTests {
    private static let vocabulary = Result { try EvasionFixture.shipped() }
    private static let neighbours = Result { try WordNeighbours(soundOf: vocabulary.get()) }

    private func attackable(_ text: String) throws -> AttackableText {
        try AttackableText(text, vocabulary: Self.vocabulary.get(), neighbours: Self.neighbours.get())
    }

    @Test func targetsAreRudeWords() throws {
        let text = try attackable("You stupid idiot, class of IDIOTS! idiocyx Zoëidiot")
        #expect(text.targets.map { String(text.text[$0]) } == ["stupid", "idiot", "IDIOTS"])
    }

    @Test(arguments: TextAttacks.all.map { $0.name })
    func everyAttackChangesOnlyItsTargets(name: String) throws {
        let attack = try TextAttacks.named(name)
        let text = try attackable("Well, you stupid moron of a bastard: go away.")
        for seed in 0..<50 as Range<UInt64> {
            let attacked = attack.attacked(text, seed: seed)
            #expect(attacked == attack.attacked(text, seed: seed))
            if name == "distractors" {
                #expect(attacked.contains(text.text) && attacked != text.text)
                continue
            }
            #expect(attacked != text.text)
            #expect(attacked.hasPrefix("Well, you ") && attacked.hasSuffix(": go away."))
            #expect(attacked.contains(" of a "))
        }
    }

    @Test(arguments: TextAttacks.all.map { $0.name })
    func settingsAreRead(name: String) throws {
        let kind = try #require(TextAttacks.all.first { $0.name == name })
        #expect(try kind.init(.object(["rate": .number(0.25)]), source: "test").rate == 0.25)
        #expect(throws: OptionsError.self) { try kind.init(.object(["rat": .number(0.25)]), source: "test") }
        #expect(throws: OptionsError.self) { try kind.init(.object(["rate": .number(2)]), source: "test") }
        #expect(!kind.summary.isEmpty)
    }

    @Test func unknownAttacksAreErrorsWithTheNearest() {
        #expect(throws: OptionsError.self) { try TextAttacks.named("leetspeek") }
    }

    @Test func rateChoosesTargets() throws {
        let text = try attackable(String(repeating: "idiot ", count: 400))
        var attack = StarsAttack()
        attack.rate = 0.25
        let attacked = attack.attacked(text, seed: 1)
        let changed = attacked.split(separator: " ").count { $0 != "idiot" }
        #expect((60...140).contains(changed))
        attack.rate = 0
        #expect(attack.attacked(text, seed: 1) == text.text)
    }

    @Test func textsWithoutTargetsStay() throws {
        let text = try attackable("A calm and friendly sentence.")
        for kind in TextAttacks.all where kind.name != "distractors" {
            #expect(kind.init().attacked(text, seed: 1) == text.text)
        }
    }

    /// Share of attacked words that the normaliser brings back, at least.
    @Test(
        arguments: [
            ("scramble", 0.95), ("homoglyph", 0.97), ("leetspeak", 0.85), ("zero-width", 0.99),
            ("combining", 0.95),
            ("spacing", 0.85), ("repetition", 0.95), ("typo", 0.6), ("stars", 0.6), ("reversal", 0.99),
        ])
    func normaliserRecovers(name: String, least: Double) throws {
        let normalizer = try EvasionNormalizer(vocabulary: Self.vocabulary.get())
        let words = [
            "fuck", "shit", "bitch", "asshole", "bastard", "fucking", "stupid", "idiot", "moron", "bullshit",
            "faggot", "retarded",
            "motherfucker", "whore", "pussy", "cunts", "dickhead", "bollocks", "wanker", "slut",
        ]
        let attack = try TextAttacks.named(name)
        var (recovered, attacked) = (0, 0)
        for word in words {
            let text = try attackable("they say \(word) again and again")
            for seed in 0..<20 as Range<UInt64> {
                let disguised = attack.attacked(text, seed: seed)
                attacked += 1
                if normalizer.normalized(disguised).text == text.text { recovered += 1 }
            }
        }
        let share = Double(recovered) / Double(attacked)
        #expect(share >= least, "\(name): \(share)")
    }

    @Test func neighboursSoundAlike() throws {
        let neighbours = try Self.neighbours.get()
        #expect(SoundKey.of("knight") != SoundKey.of("night"))
        #expect(SoundKey.of("fool") == SoundKey.of("full"))
        #expect(neighbours.nearest(to: "fool").prefix(12).contains("foul"))
        #expect(!neighbours.nearest(to: "fool").contains("fool"))
    }

    @Test func augmentationKeepsLabelsAndTreatsBothSidesAlike() throws {
        let augmentation = try AttackAugmentation(
            .object(["toxic-share": .number(0.5), "clean-share": .number(0.5)]), source: "test")
        var random = TestRandom(seed: 5)
        var made: [Bool: Int] = [:]
        for index in 0..<2000 {
            let isToxic = index % 2 == 0
            let text = LabelledText(
                id: "\(index)", text: isToxic ? "what an idiot he is" : "what a lovely morning it is",
                labels: [.toxicity: isToxic ? 1 : 0], toxicSpans: [], dataset: "invented", split: .train)
            for variant in augmentation.variants(of: text, random: &random) {
                #expect(
                    variant.labels == text.labels && variant.text != text.text && variant.toxicSpans == nil)
                made[isToxic, default: 0] += 1
            }
        }
        #expect((400...600).contains(made[true] ?? 0) && (400...600).contains(made[false] ?? 0))
        #expect(throws: OptionsError.self) {
            try AttackAugmentation(.object(["attacks": .list([.string("nothing")])]), source: "test")
        }
    }
}
