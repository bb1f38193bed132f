import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"))
struct SharedDatasetTests {
    /// Texts with labels, and how many of them count as toxic (0.5 and more), of each set: counted by a
    /// Python script from the same files and the words of the cards.
    static let counts: [(name: String, texts: Int, toxic: Int)] = [
        ("jigsaw-sample", 282, 28), ("civil-comments-spans", 12019, 11977),
        ("semeval-toxic-spans", 8568, 8568), ("wikipedia-context-small", 978, 146),
        ("wikipedia-context-large", 12568, 210), ("wikipedia-fuzzed", 2984, 496),
        ("perspective-scored-wikipedia", 1996, 263), ("edos", 19996, 4852),
        ("hatemoji-build", 5905, 2962), ("hatemoji-check", 3374, 2098), ("hatexplain", 20145, 12332),
        ("stormfront", 10693, 1196), ("surge", 999, 501), ("toxigen-annotated", 6481, 3001),
        ("openai-moderation", 1573, 201), ("olid", 13190, 4385), ("davidson", 20978, 17455),
        ("tweeteval-hate", 12806, 5322), ("cad", 22872, 4098), ("ethos", 998, 433),
        ("real-toxicity-prompts", 12272, 4231), ("paradetox", 28875, 13819),
    ]

    @Test(arguments: Datasets.all.indices)
    func readsWhole(index: Int) throws {
        let dataset = Datasets.all[index]
        let reading = try dataset.read(from: try #require(SharedData.file("data")))
        #expect(reading.problems.isEmpty)
        let texts = reading.elements
        #expect(Set(texts.map(\.id)).count == texts.count)
        for text in texts {
            #expect(!text.labels.isEmpty && text.labels.values.allSatisfy { $0 >= 0 && $0 <= 1 })
            #expect(text.split != nil && text.dataset == dataset.card.name)
        }
        if dataset.card.use == .testOnly { #expect(texts.allSatisfy { $0.split == .test }) }
        let toxic = texts.count { ($0.labels[.toxicity] ?? 0) >= 0.5 }
        let expected = try #require(Self.counts.first { $0.name == dataset.card.name })
        #expect(texts.count == expected.texts)
        #expect(toxic == expected.toxic)
        #expect(LabelHashes.hash(of: texts) == LabelHashes.expected[dataset.card.name])
        var unknown = Set<String>()
        var isComplete = true
        for text in texts {
            if text.native.isEmpty || !text.native.values.allSatisfy({ (0...1).contains($0) }) {
                isComplete = false
            }
            for label in text.native.keys where Taxonomies.label(label) == nil { unknown.insert(label) }
        }
        #expect(isComplete && unknown.isEmpty)
    }
}
