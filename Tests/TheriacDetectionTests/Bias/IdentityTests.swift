import Foundation
import Testing
import TheriacCorpora
import TheriacOptions
import TheriacTesting

@testable import TheriacDetection

@Suite struct IdentityTests {
    private func text(_ text: String, _ labels: [Attribute: Float] = [.toxicity: 0]) -> LabelledText {
        LabelledText(id: "a", text: text, labels: labels, dataset: "set", split: nil)
    }

    private func swaps(_ text: LabelledText, seed: UInt64 = 1, attacks: Bool = false) -> [LabelledText] {
        var swap = IdentitySwap()
        swap.count = 20
        swap.attacks = attacks
        var random = SplitMix(seed: seed)
        return swap.variants(of: text, random: &random)
    }

    @Test(arguments: [
        ("My MUSLIM friend and two Jews", ["jewish", "muslim"]),
        ("a Native American and a white man", ["indigenous", "male", "white"]),
        ("African-American women", ["black", "female"]),
        ("trans women", ["transgender"]),
        ("the jewelry in Manchester, womanly blackboards", []),
        ("he's deaf, she uses a wheelchair", ["blind-or-deaf", "physical-disability"]),
        ("asylum-seekers", ["immigrant-or-refugee"]),
        ("muslim's", ["muslim"]),
        ("", []),
    ]) func findsGroups(text: String, groups: [String]) {
        #expect(IdentityTerms.groups(in: text).sorted() == groups)
    }

    @Test func namesAreUnique() {
        #expect(Set(IdentityTerms.all.map(\.name)).count == IdentityTerms.all.count)
        for group in IdentityTerms.all {
            for term in group.adjectives + group.others + group.persons.flatMap({ [$0.one, $0.many] }) {
                #expect(
                    IdentityTerms.mentions(in: term).contains { $0.group == group.name },
                    "\(group.name) is not found in its own word '\(term)'")
            }
        }
    }

    @Test func swapsGendersInPlace() {
        let made = swaps(text("The man told his mother that he lost her keys. A BOY saw him."))
        #expect(made.map(\.text) == ["The woman told her father that she lost his keys. A GIRL saw her."])
    }

    @Test func swapsKeepNumberCaseAndArticle() {
        let made = Set(swaps(text("A Muslim and an Asian man")).map(\.text))
        #expect(
            made.contains { $0.hasPrefix("A Hindu") || $0.hasPrefix("A Jew") || $0.hasPrefix("A Christian") })
        #expect(made.allSatisfy { $0.hasSuffix(" woman") && !$0.contains("Muslim") && !$0.contains("an M") })
        #expect(
            made.allSatisfy {
                !$0.contains(" an L") && !$0.contains(" an black") && !$0.contains("an Muslim")
            })
        for variant in swaps(text("gay people and GAY people")) {
            let words = variant.text.split(separator: " ")
            #expect(words.first?.uppercased() == words.dropFirst(3).first.map(String.init))
        }
    }

    @Test func leavesOtherMeaningsAlone() {
        #expect(swaps(text("black coffee, old cheese, his keys")).isEmpty)
        #expect(swaps(text("I like the weather")).isEmpty)
        #expect(!swaps(text("old people")).isEmpty)
    }

    @Test func leavesAttacksAloneUnlessAsked() {
        let attack = text("Jews!", [.toxicity: 1, .identityAttack: 1])
        #expect(swaps(attack).isEmpty)
        let made = swaps(attack, attacks: true)
        #expect(!made.isEmpty && made.allSatisfy { $0.labels == attack.labels && $0.text != attack.text })
    }

    @Test func spansMoveWithTheText() throws {
        var labelled = text("two women are awful 🙂 fools")
        let source = Array(labelled.text.unicodeScalars)
        func place(_ word: String, in scalars: [Unicode.Scalar]) throws -> Range<Int> {
            let wanted = Array(word.unicodeScalars)
            let start = try #require(
                scalars.indices.first { scalars[$0...].starts(with: wanted) })
            return start..<(start + wanted.count)
        }
        labelled.toxicSpans = [
            ToxicSpan(scalars: try place("women", in: source), share: 1),
            ToxicSpan(scalars: try place("awful", in: source), share: 0.5),
            ToxicSpan(scalars: try place("fools", in: source), share: 0.5),
        ]
        let variant = try #require(swaps(labelled).first)
        let scalars = Array(variant.text.unicodeScalars)
        let spans = try #require(variant.toxicSpans)
        #expect(variant.text == "two men are awful 🙂 fools")
        #expect(
            spans.map(\.scalars) == [
                try place("men", in: scalars), try place("awful", in: scalars),
                try place("fools", in: scalars),
            ])
    }

    @Test func sameSeedSameVariants() {
        let one = text("A Christian, a Korean and a deaf woman")
        #expect(swaps(one, seed: 3) == swaps(one, seed: 3))
    }

    @Test func balanceCountsWhatIsMissing() {
        #expect(IdentityBalance.missing(toxic: 10, nontoxic: 0, share: 0.5) == 10)
        #expect(IdentityBalance.missing(toxic: 10, nontoxic: 25, share: 0.75) == 5)
        #expect(IdentityBalance.missing(toxic: 3, nontoxic: 100, share: 0.75) == 0)
        let texts =
            (0..<3).map { _ in text("nice") } + [text("bad", [.toxicity: 1])]
            + [text("Jews", [.toxicity: 1]), text("Jews"), text("unknown Jews", [.insult: 1])]
        #expect(
            IdentityBalance.of(texts) == [
                IdentityBalance(group: "jewish", toxic: 1, nontoxic: 1, missing: 2, background: 0.75)
            ])
    }

    @Test func balanceAddsCleanMentions() {
        var balance = BalanceIdentityMentions()
        balance.use([
            .init(text: "Jews sing", labels: [.toxicity: 0.02]),
            .init(text: "Jews are bad", labels: [.toxicity: 0.9]),
            .init(text: "a nice day", labels: [.toxicity: 0]),
        ])
        balance.clean = 2
        var random = SplitMix(seed: 1)
        let made = balance.variants(of: text("awful Jews", [.toxicity: 1]), random: &random)
        #expect(made.map(\.text) == ["Jews sing", "Jews sing"])
        #expect(made.allSatisfy { $0.labels == [.toxicity: 0.02] })
        #expect(balance.variants(of: text("nice Jews"), random: &random).isEmpty)
        #expect(balance.variants(of: text("awful Sikhs", [.toxicity: 1]), random: &random).isEmpty)
    }

    /// The texts that ship: every group is mentioned by clean and by hateful ones, and nothing held out is trained on.
    @Test func shippedTextsCoverTheGroups() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Assets/text/identity-texts.yaml").standardizedFileURL
        let texts = try ShortTexts(file: file, seed: 1)
        #expect(texts.texts.count > 7000)
        var clean: [String: Int] = [:]
        var hateful: [String: Int] = [:]
        for text in texts.texts {
            let toxicity = try #require(text.labels[.toxicity])
            for group in IdentityTerms.groups(in: text.text) {
                if toxicity < 0.5 { clean[group, default: 0] += 1 } else { hateful[group, default: 0] += 1 }
            }
        }
        for group in IdentityTerms.all where group.name != "heterosexual" {
            #expect(clean[group.name, default: 0] >= 20, "\(group.name)")
            #expect(hateful[group.name, default: 0] >= 10, "\(group.name)")
        }
        let held = Set((texts.heldOut.innocent + texts.heldOut.insulting).map { TextPart.name(of: $0) })
        #expect(held.count >= 30)
        #expect(texts.texts.allSatisfy { !held.contains(TextPart.name(of: $0.text)) })
    }
}
