import Foundation
import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite struct LexiconDetectorTests {
    /// Mild stand-ins, and the three that word boundaries are about.
    static let entries = ["cunt", "shit", "ass", "cock", "numbskull", "son of a gun", "silly", "h*ck"]

    static let found = [
        "Ass", "you ASS!", "\"ass\"", "ass.", "(ass)", "-ass-", "ass's", "asses", "SHIT", "shits", "shìt",
        "ｓｈｉｔ",
        "shiiiit", "s h i t", "s-h-i-t", "s.h.i.t", "this is shit, really", "son of a gun", "Son  of\na GUN",
        "sons of guns son-of-a-gun",
        "sonofagun", "son of a guns", "numb skull", "numb-skulls", "numbskulls", "sillies", "h*ck",
        "what the H*CK", "ass🔪",
    ]

    static let clean = [
        "Scunthorpe", "shitake mushrooms", "class", "assassin", "cocktail", "classes assess glass", "peacock",
        "a son of a doctor had a gun", "gun of a son", "as so", "nu mbskull", "cockatoo", "hack",
        "bass assets",
    ]

    @Test(arguments: found)
    func findsEveryForm(text: String) throws {
        #expect(try detector().verdicts(for: [text]) == [.scored([.toxicity: 1, .profanity: 1])])
    }

    @Test(arguments: clean)
    func respectsWordBoundaries(text: String) throws {
        #expect(try detector().verdicts(for: [text]) == [.scored([.toxicity: 0, .profanity: 0])])
    }

    @Test func textWithoutWordsIsUnscored() throws {
        #expect(try detector().verdicts(for: ["", " ,. "]) == [.emptyText, .emptyText])
    }

    @Test func findsWhatLookingAtEveryRunFinds() throws {
        let entries = ["a b", "b c d", "x", "cc"]
        let list = try WordList(entries)
        var random = TestRandom(seed: 4)
        for _ in 0..<300 {
            let words = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                ["a", "b", "c", "d", "e", "cc"].randomElement(using: &random) ?? "a"
            }
            // "; " between words keeps single letters from being read as one spelled-out word.
            let isFound = entries.contains { entry in
                (" " + words.joined(separator: " ") + " ").contains(" \(entry) ")
            }
            #expect(list.isFound(in: words.joined(separator: "; ")) == isFound, "\(words)")
        }
    }

    @Test func readsListsOfBothFormats() throws {
        try Place.withTemporaryFolder { folder in
            let json = folder.appending(path: "detector.json")
            try Data("{\"kind\": \"lexicon\", \"name\": \"mine\"}".utf8).write(to: json)
            #expect(throws: DetectionError.self) { try Detectors.load(folder: folder) }
            try Data("# a comment\nsilly\r\n\nson of a gun\n".utf8).write(
                to: folder.appending(path: "words.txt"))
            let detector = try Detectors.load(folder: folder)
            #expect(detector.identity.name == "mine")
            #expect(try detector.verdicts(for: ["Silly!", "fine"]).map(\.toxicity) == [1, 0])
            try Data("{\"kind\": \"lexicon\", \"words\": \"list.json\"}".utf8).write(to: json)
            try Data("[\"silly\"]".utf8).write(to: folder.appending(path: "list.json"))
            #expect(try Detectors.load(folder: folder).verdicts(for: ["silly"]).map(\.toxicity) == [1])
            try Data("{\"kind\": \"lexicon\", \"wrods\": \"list.json\"}".utf8).write(to: json)
            #expect { try Detectors.load(folder: folder) } throws: {
                "\($0)".contains("Did you mean 'words'?")
            }
        }
    }

    @Test func refusesEmptyLists() {
        #expect(throws: DetectionError.wordList(reason: "it has no entry")) {
            try LexiconDetector(name: "none", entries: [])
        }
        #expect(throws: DetectionError.wordList(reason: "entry 2 has no letter or symbol")) {
            try LexiconDetector(name: "none", entries: ["a", "..."])
        }
    }

    private func detector() throws -> LexiconDetector {
        try LexiconDetector(name: "test", entries: Self.entries)
    }
}
