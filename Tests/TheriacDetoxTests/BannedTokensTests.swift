import Testing

@testable import TheriacDetox

@Suite struct BannedTokensTests {
    static let tokens = [
        "a", "ss", "ass", " ass", "class", " bad", "-word", " word", "\n", "es", " assess", "B", "AD", ".",
        " ",
    ]
    .map { Array($0.utf8) }
    static let index = BannedTokens(words: ["ass", "bad word"], tokens: tokens)

    static func banned(after written: [Int32]) -> Set<String> {
        let tail = index.tail(of: [], written)
        return Set(
            (index.completions(after: tail) + index.always).map {
                String(decoding: tokens[Int($0)], as: UTF8.self)
            })
    }

    @Test func bansAWordAtTheBeginningAndAfterABorder() {
        #expect(Self.banned(after: []) == ["ass", " ass"])
        #expect(Self.banned(after: [13]) == ["ass", " ass"])  // "."
        #expect(Self.banned(after: [8]) == ["ass", " ass"])  // a line break
    }

    @Test func bansWhateverSegmentationCompletesTheWord() {
        #expect(Self.banned(after: [0]) == ["ss", " ass"])  // "a" + "ss"
    }

    @Test func leavesInnocentWordsAlone() {
        let always = Set(Self.index.always.map { String(decoding: Self.tokens[Int($0)], as: UTF8.self) })
        #expect(!always.contains("class") && !always.contains(" assess"))
        #expect(!Self.banned(after: [4]).contains("es"))
        #expect(!Self.banned(after: [4]).contains("ass"))  // "class" + "ass" is inside a word
    }

    @Test func bansPhrasesAcrossCaseBlanksAndHyphens() {
        #expect(Self.banned(after: [5]).isSuperset(of: [" word", "-word"]))  // " bad"
        #expect(Self.banned(after: [11, 12]).isSuperset(of: [" word", "-word"]))  // "B" + "AD"
    }

    @Test func aListWithoutWordsBansNothing() {
        let index = BannedTokens(words: ["", "  "], tokens: Self.tokens)
        #expect(index.always.isEmpty && index.completions(after: []).isEmpty)
    }
}
