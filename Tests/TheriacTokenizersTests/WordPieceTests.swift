import Testing

@testable import TheriacTokenizers

@Suite struct WordPieceTests {
    static let tokens = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "un", "##aff", "##able", "##a", "don",
        "'", "t", "你", "好", "!", "##s", "a",
    ]

    /// A BERT file; `normalizer` fields are added to the defaults of the model family.
    static func file(normalizer: String = #""lowercase": true"#, longest: Int = 100) throws -> String {
        func special(_ id: Int) -> String { #"{"id": \#(id), "content": "\#(tokens[id])", "special": true}"# }
        let template = """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "[CLS]"}}, {"Sequence": {"id": "A"}},
                        {"SpecialToken": {"id": "[SEP]"}}],
             "special_tokens": {"[CLS]": {"ids": [2]}, "[SEP]": {"ids": [3]}}}
            """
        return """
            {"added_tokens": [\((0..<5).map(special).joined(separator: ","))],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                            "strip_accents": null, \(normalizer)},
             "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": \(template),
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": \(longest), "vocab": \(try TokenizerFixture.json(tokens))}}
            """
    }

    static func tokenizer(_ file: String) throws -> Tokenizer {
        try TokenizerFixture(["tokenizer.json": file]).load()
    }

    static let cases: [(text: String, tokens: [String])] = [
        ("hello", ["hello"]), ("Hello WORLD", ["hello", "world"]), ("HÉLLO\u{9}", ["hello"]),
        ("unaffable", ["un", "##aff", "##able"]),
        // One part that is not in the vocabulary makes the whole word unknown.
        ("unaffablex hello", ["[UNK]", "hello"]), ("你好", ["你", "好"]),
        ("don't!", ["don", "'", "t", "!"]), ("", []), (" \u{0}\u{200B}\u{FFFD}", []),
        ("[MASK]", ["[MASK]"]), ("he\u{0}llo", ["hello"]),
    ]

    @Test(arguments: cases)
    func takesTheLongestPieces(text: String, tokens: [String]) throws {
        let tokenizer = try Self.tokenizer(try Self.file())
        let ids = tokenizer.encode(text, addingSpecialTokens: false)
        #expect(ids.map { Self.tokens[Int($0)] } == tokens)
        #expect(tokenizer.encode(text) == [2] + ids + [3])
        #expect(tokenizer.encodeWithOffsets(text, addingSpecialTokens: false).ids == ids)
    }

    @Test func givesTheScalarsOfTheTextAsItWas() throws {
        let encoding = try Self.tokenizer(try Self.file()).encodeWithOffsets("He\u{301}llo\u{0} unAffable你")
        #expect(encoding.ids.map { Self.tokens[Int($0)] }.dropFirst().first == "hello")
        #expect(encoding.offsets == [0..<0, 0..<6, 8..<10, 10..<13, 13..<17, 17..<18, 0..<0])
    }

    @Test func keepsCaseAndAccentsWhenTold() throws {
        let tokenizer = try Self.tokenizer(try Self.file(normalizer: #""lowercase": false"#))
        #expect(tokenizer.encode("Hello hello", addingSpecialTokens: false) == [1, 5])
        #expect(tokenizer.encode("héllo", addingSpecialTokens: false) == [1])
    }

    @Test func takesLongWordsForUnknown() throws {
        let tokenizer = try Self.tokenizer(try Self.file(longest: 8))
        #expect(tokenizer.encode("unaffable hello", addingSpecialTokens: false) == [1, 5])
        #expect(
            tokenizer.encode("asssssss", addingSpecialTokens: false) == [18]
                + [Int32](repeating: 17, count: 7))
    }

    @Test func joinsWordsAndTakesBlanksOffPunctuation() throws {
        let tokenizer = try Self.tokenizer(try Self.file())
        #expect(tokenizer.decode([2, 5, 7, 8, 9, 16, 3]) == "hello unaffable!")
        #expect(tokenizer.decode([2, 5], skippingSpecialTokens: false) == "[CLS] hello")
        #expect(tokenizer.tokenBytes(8) == Array("aff".utf8))
        #expect(tokenizer.tokenBytes(6) == Array(" world".utf8))
    }

    @Test func putsSpecialTokensAroundIds() throws {
        let tokenizer = try Self.tokenizer(try Self.file())
        #expect(tokenizer.surrounded([5, 6]) == [2, 5, 6, 3])
        #expect(tokenizer.surroundingCount == 2)
        #expect(tokenizer.prefixTokens == [2] && tokenizer.suffixTokens == [3])
        #expect(tokenizer.id(of: "[MASK]") == 4)
        #expect(tokenizer.specialTokens.map(\.content) == Array(Self.tokens.prefix(5)))
    }

    /// The obvious way: every beginning, the longest first.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func agreesWithTheObviousLoop(seed: UInt64) throws {
        var draws = Draws(state: seed)
        var tokens = ["[UNK]", "a", "##a", "b", "é"]
        for _ in 0..<12 {
            let letters = (0..<Int.random(in: 1...4, using: &draws)).map { _ in
                ["a", "b", "é"].randomElement(using: &draws) ?? "a"
            }
            let token = (Bool.random(using: &draws) ? "##" : "") + letters.joined()
            if !tokens.contains(where: { $0.utf8.elementsEqual(token.utf8) }) { tokens.append(token) }
        }
        let storage = tokens.flatMap { Array($0.utf8) }
        var (spans, end): ([Range<Int>], Int) = ([], 0)
        for token in tokens {
            spans.append(end..<end + token.utf8.count)
            end += token.utf8.count
        }
        var duplicate: (Int, Int)?
        let vocabulary = Vocabulary(storage: storage, spans: spans, duplicate: &duplicate)
        let model = WordPiece(vocabulary: vocabulary, unknown: 0, continuingPrefix: Array("##".utf8))
        var scratch = ModelScratch()
        for _ in 0..<40 {
            let word = (0..<Int.random(in: 1...20, using: &draws)).map { _ in
                ["a", "b", "é"].randomElement(using: &draws) ?? "a"
            }
            var section = Section()
            Array(word.joined().utf8).withUnsafeBufferPointer {
                section.load($0, startingAt: 0, tracksPlaces: false)
            }
            var output = TokenSequence(collectsRanges: Bool.random(using: &draws))
            model.tokenize(section, with: &scratch, into: &output)
            #expect(output.ids == Self.greedy(word, tokens))
        }
    }

    private static func greedy(_ word: [String], _ tokens: [String]) -> [Int32] {
        var (ids, start): ([Int32], Int) = ([], 0)
        while start < word.count {
            var found: (id: Int, end: Int)?
            for end in stride(from: word.count, to: start, by: -1) where found == nil {
                let piece = (start > 0 ? "##" : "") + word[start..<end].joined()
                if let id = tokens.firstIndex(of: piece) { found = (id, end) }
            }
            guard let found else { return [0] }
            ids.append(Int32(found.id))
            start = found.end
        }
        return ids
    }
}
