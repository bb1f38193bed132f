import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct BytePairEncodingTests {
    static let merges = [
        ("a", "b"), ("b", "c"), ("ab", "c"), ("Ġ", "a"), ("Ġa", "bc"), ("c", "c"), ("cc", "cc"),
    ]

    @Test func mergesTheEarliestRuleFirst() throws {
        let tokenizer = try TokenizerFixture([
            "tokenizer.json": try TokenizerFixture.file(merges: Self.merges)
        ]).load()
        func tokens(_ text: String) -> [String] {
            tokenizer.encode(text).map { String(decoding: tokenizer.tokenBytes($0), as: UTF8.self) }
        }
        #expect(tokens("abc") == ["abc"])
        #expect(tokens("bcab") == ["bc", "ab"])
        #expect(tokens("ccc") == ["cc", "c"])
        #expect(tokens(" abc") == [" ", "abc"])
        #expect(tokens("acccccb") == ["a", "cccc", "c", "b"])
        #expect(tokenizer.vocabularySize == 256 + Self.merges.count)
        #expect(tokenizer.id(of: "Ġa") == 259)
        #expect(tokenizer.id(of: " a") == nil)
        #expect(tokenizer.tokenBytes(99_999).isEmpty && tokenizer.tokenBytes(-1).isEmpty)
    }

    @Test func readsMergesInTheOldForm() throws {
        let lines = Self.merges.map { "\"\($0.0) \($0.1)\"" }.joined(separator: ",")
        let old = try TokenizerFixture.file(merges: Self.merges, mergesJSON: "[\"#version: 0.2\",\(lines)]")
        let new = try TokenizerFixture.file(merges: Self.merges)
        let text = "abc ab bcc abcabc cccc"
        let ids = try [old, new].map { try TokenizerFixture(["tokenizer.json": $0]).load().encode(text) }
        #expect(ids[0] == ids[1])
    }

    @Test func takesWholePiecesFromTheVocabularyWhenAsked() throws {
        let vocabulary = try TokenizerFixture.json(TokenizerFixture.vocabulary(["ab", "abc"]))
        let ids = try ["true", "false"].map { ignores in
            let file = try TokenizerFixture.file(
                settings: "\"ignore_merges\": \(ignores), ", vocabulary: vocabulary,
                mergesJSON: #"[["a", "b"]]"#)
            return try TokenizerFixture(["tokenizer.json": file]).load().encode("abc")
        }
        #expect(ids == [[257], [256, 99]])
    }

    /// The obvious loop: look at all pairs, join the leftmost of lowest rank, start again.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func agreesWithTheObviousLoop(seed: UInt64) throws {
        var draws = Draws(state: seed)
        var table = MergeTable(capacity: 40)
        var rules: [[Int32]: (rank: Int, joined: Int32)] = [:]
        for rank in 0..<40 {
            let pair = [Int32.random(in: 0..<8, using: &draws), Int32.random(in: 0..<8, using: &draws)]
            // Every rule makes a token of its own, which later rules may use.
            let left =
                Bool.random(using: &draws) && rank > 0
                ? Int32(100 + Int.random(in: 0..<rank, using: &draws)) : pair[0]
            table.insert(left, pair[1], rank: rank, joined: Int32(100 + rank))
            rules[[left, pair[1]]] = (rank, Int32(100 + rank))
        }
        let length = seed % 2 == 0 ? Int.random(in: 1...MergeScratch.shortPiece, using: &draws) : 400
        let symbols = (0..<length).map { _ in Int32.random(in: 0..<8, using: &draws) }
        var scratch = MergeScratch()
        scratch.symbols = symbols
        scratch.merge(with: table)

        var expected = symbols
        while true {
            let pairs = zip(expected, expected.dropFirst()).enumerated()
            let known = pairs.compactMap { place, pair in
                rules[[pair.0, pair.1]].map { (place, $0.rank, $0.joined) }
            }
            guard let best = known.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { break }
            expected.replaceSubrange(best.0...best.0 + 1, with: [best.2])
        }
        #expect(scratch.symbols == expected)
    }

    @Test(.timeLimit(.minutes(1)))
    func staysFastOnAPieceOfMegabytes() throws {
        let tokenizer = try TokenizerFixture([
            "tokenizer.json": try TokenizerFixture.file(merges: Self.merges)
        ]).load()
        let text = String(repeating: "abcc", count: 50_000)
        let ids = tokenizer.encode(text)
        #expect(tokenizer.decode(ids).utf8.elementsEqual(text.utf8))
    }

    @Test func writesUnknownBytesAsTheUnknownToken() throws {
        func ids(_ settings: String) throws -> Encoding {
            let file = try TokenizerFixture.file(
                settings: settings, vocabulary: #"{"<unk>": 0, "a": 1, "b": 2, "ab": 3}"#,
                mergesJSON: #"[["a", "b"]]"#)
            return try TokenizerFixture(["tokenizer.json": file]).load().encodeWithOffsets("abxyab")
        }
        #expect(
            try ids(#""unk_token": "<unk>", "#)
                == Encoding(ids: [3, 0, 0, 3], offsets: [0..<2, 2..<3, 3..<4, 4..<6]))
        #expect(
            try ids(#""unk_token": "<unk>", "fuse_unk": true, "#)
                == Encoding(ids: [3, 0, 3], offsets: [0..<2, 2..<4, 4..<6]))
        // Without one they vanish, and the ranges after them are off by as many: the library's own behaviour.
        #expect(try ids("") == Encoding(ids: [3, 3], offsets: [0..<2, 2..<4]))
    }
}
