import Testing

@testable import TheriacTokenizers

@Suite struct UnigramTests {
    static func tokenizer(
        _ pieces: [(String, Double)], byteFallback: Bool = false, preTokenizer: String = "null",
        normalizer: String = "null", decoder: String = "null"
    ) throws -> Tokenizer {
        let vocabulary = pieces.map { "[\"\($0.0)\", \($0.1)]" }.joined(separator: ",")
        return try TokenizerFixture([
            "tokenizer.json": """
            {"added_tokens": [], "normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
             "post_processor": null, "decoder": \(decoder),
             "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": \(byteFallback),
                       "vocab": [\(vocabulary)]}}
            """
        ]).load()
    }

    /// The example of the Rust library's own documentation.
    static let pieces: [(String, Double)] = [
        ("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5), ("abcd", 10),
    ]

    @Test func takesThePathOfTheGreatestSum() throws {
        let tokenizer = try Self.tokenizer(Self.pieces)
        #expect(tokenizer.encode("abcd") == [8])
        #expect(tokenizer.encode("abcdacdxx") == [8, 1, 5, 0])
        #expect(tokenizer.encode("xaxx") == [0, 1, 0])
        #expect(tokenizer.encodeWithOffsets("xéaxx").offsets == [0..<2, 2..<3, 3..<5])
        // The text of the unknown token is that token.
        #expect(tokenizer.encode("<unk>") == [0])
        #expect(tokenizer.encode("") == [])
    }

    /// Of equal sums the first that was found stays: the one whose last token starts first.
    @Test func keepsTheFirstOfEqualPaths() throws {
        let tokenizer = try Self.tokenizer([
            ("<unk>", -9), ("a", -1), ("aa", -2), ("b", -1), ("ab", -2),
        ])
        #expect(tokenizer.encode("aa") == [2])
        #expect(tokenizer.encode("ab") == [4])
        #expect(tokenizer.encode("aab") == [1, 4])
    }

    @Test func writesUnknownTextAsBytes() throws {
        let bytes = (0..<256).map { (byte: Int) -> (String, Double) in
            let digits = String(byte, radix: 16, uppercase: true)
            return ("<0x\(digits.count == 1 ? "0" : "")\(digits)>", 0)
        }
        let tokenizer = try Self.tokenizer(
            [("<unk>", 0), ("a", -1)] + bytes, byteFallback: true,
            decoder: #"{"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]}"#)
        #expect(tokenizer.encode("aé") == [1, 2 + 0xC3, 2 + 0xA9])
        #expect(tokenizer.encodeWithOffsets("aéa").offsets == [0..<1, 1..<2, 1..<2, 2..<3])
        #expect(tokenizer.decode([1, 2 + 0xC3, 2 + 0xA9]) == "aé")
        #expect(tokenizer.decode([2 + 0xC3, 1]) == "\u{FFFD}a")
        #expect(tokenizer.tokenBytes(2 + 0xC3) == [0xC3])
    }

    @Test func marksBlanks() throws {
        let pieces: [(String, Double)] = [("<unk>", 0), ("▁", -3), ("▁a", -1), ("b", -1), ("a", -2)]
        for (scheme, text, ids) in [
            ("always", "a b", [2, 1, 3] as [Int32]), ("never", "a b", [4, 1, 3]), ("first", "a a", [2, 2]),
            ("always", " a  a", [2, 1, 2]), ("always", "▁a", [2]),
        ] {
            let metaspace = #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)"}"#
            let tokenizer = try Self.tokenizer(pieces, preTokenizer: metaspace, decoder: metaspace)
            #expect(tokenizer.encode(text) == ids, "\(scheme): \(text)")
            #expect(tokenizer.encodeWithOffsets(text).ids == ids)
        }
        let metaspace = #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}"#
        let tokenizer = try Self.tokenizer(pieces, preTokenizer: metaspace, decoder: metaspace)
        #expect(tokenizer.decode([2, 1, 3]) == "a b")
        // The mark in front stands for the letter that follows it; a blank's mark for the blank.
        #expect(tokenizer.encodeWithOffsets("a a").offsets == [0..<1, 1..<3])
    }

    /// All paths, by the obvious recursion.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func findsTheBestOfAllPaths(seed: UInt64) throws {
        var draws = Draws(state: seed)
        var pieces: [(String, Double)] = [("<unk>", 0)]
        for token in ["a", "b", "é", "ab", "ba", "aé", "bab", "éab", "abab"] where Bool.random(using: &draws)
        {
            pieces.append((token, -Double(Int.random(in: 1...4000, using: &draws)) / 512))
        }
        let tokenizer = try Self.tokenizer(pieces)
        let least = pieces.map(\.1).min() ?? 0
        func best(_ text: ArraySlice<Character>) -> Double {
            if text.isEmpty { return 0 }
            var score = -Double.infinity
            for end in text.startIndex + 1...text.endIndex {
                let piece = String(text[text.startIndex..<end])
                let known = pieces.dropFirst().first { $0.0 == piece }?.1
                guard let own = known ?? (piece.count == 1 ? least - 10 : nil) else { continue }
                score = max(score, own + best(text[end...]))
            }
            return score
        }
        for _ in 0..<10 {
            let characters = (0..<Int.random(in: 1...8, using: &draws)).map { _ in
                Array("abé").randomElement(using: &draws) ?? "a"
            }
            let encoding = tokenizer.encodeWithOffsets(String(characters))
            var score = 0.0
            for (id, range) in zip(encoding.ids, encoding.offsets) {
                score += id == 0 ? Double(range.count) * (least - 10) : pieces[Int(id)].1
            }
            #expect(abs(score - best(characters[...])) < 1e-9)  // sums of up to 8 numbers below 50
            #expect(encoding.ids == tokenizer.encode(String(characters)))
        }
    }

    @Test func refusesDamagedScores() throws {
        for vocabulary in ["[[\"a\"]]", "[[\"a\", 1, 2]]", "[[1, \"a\"]]", "[]"] {
            let file = """
                {"model": {"type": "Unigram", "unk_id": 0, "vocab": \(vocabulary)}}
                """
            #expect(throws: TokenizerError.self) { try TokenizerFixture(["tokenizer.json": file]).load() }
        }
        let file = #"{"model": {"type": "Unigram", "unk_id": null, "vocab": [["a", 1]]}}"#
        #expect(try TokenizerFileTests.message(file).contains("'model.unk_id' is missing or null"))
    }
}
