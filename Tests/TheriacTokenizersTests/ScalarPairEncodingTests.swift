import Testing

@testable import TheriacTokenizers

/// Byte-pair encoding from scalars.
@Suite struct ScalarPairEncodingTests {
    static func tokenizer(
        _ tokens: [String], merges: [(String, String)] = [], settings: String = "",
        normalizer: String = "null", decoder: String = "null"
    ) throws -> Tokenizer {
        try TokenizerFixture([
            "tokenizer.json": try TokenizerFixture.file(
                merges: merges, preTokenizer: "null", decoder: decoder, normalizer: normalizer,
                settings: settings, vocabulary: try TokenizerFixture.json(tokens))
        ]).load()
    }

    static let unknown = #""unk_token": "<unk>", "#

    @Test func joinsScalars() throws {
        let tokenizer = try Self.tokenizer(["a", "é", "aé", "b"], merges: [("a", "é")])
        #expect(tokenizer.encode("aéb") == [2, 3])
        #expect(tokenizer.encodeWithOffsets("baé").offsets == [0..<1, 1..<3])
        // Without an unknown token what is not known is dropped.
        #expect(tokenizer.encode("xaxé") == [2])
    }

    @Test func writesUnknownScalars() throws {
        let tokens = ["<unk>", "a"]
        #expect(try Self.tokenizer(tokens, settings: Self.unknown).encode("xya") == [0, 0, 1])
        let fusing = try Self.tokenizer(tokens, settings: Self.unknown + #""fuse_unk": true, "#)
        #expect(fusing.encode("xyaz") == [0, 1, 0])
        #expect(fusing.encodeWithOffsets("xéaz").offsets == [0..<2, 2..<3, 3..<4])
    }

    @Test func writesBytesOfUnknownScalars() throws {
        let tokenizer = try Self.tokenizer(
            ["<unk>", "a", "<0xC3>", "<0xA9>", "▁"], settings: Self.unknown + #""byte_fallback": true, "#,
            normalizer: #"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#,
            decoder: """
                {"type": "Sequence", "decoders": [
                  {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                  {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
                """)
        #expect(tokenizer.encode("aé è") == [1, 2, 3, 4, 0])
        #expect(tokenizer.decode([4, 1, 4, 2, 3]) == "a é")
        #expect(tokenizer.decode([4, 4, 1]) == " a")
        #expect(tokenizer.tokenBytes(2) == [0xC3])
    }

    @Test func marksTheEndsOfWords() throws {
        let tokenizer = try Self.tokenizer(
            ["<unk>", "l", "o", "o</w>", "lo</w>", "lo"], merges: [("l", "o</w>"), ("l", "o")],
            settings: Self.unknown + #""end_of_word_suffix": "</w>", "#,
            decoder: #"{"type": "BPEDecoder", "suffix": "</w>"}"#)
        #expect(tokenizer.encode("lo") == [4])
        #expect(tokenizer.encode("lolo") == [5, 4])
        #expect(tokenizer.decode([4, 5, 4]) == "lo lolo")
    }

    @Test func marksWhatContinuesAWord() throws {
        let tokenizer = try Self.tokenizer(
            ["a", "##b", "ab", "##c", "##bc"], merges: [("a", "##b"), ("##b", "##c")],
            settings: ###""continuing_subword_prefix": "##", "###)
        #expect(tokenizer.encode("abc") == [2, 3])
        #expect(tokenizer.encode("a") == [0])
    }

    /// Cutting before blanks gives what merging the whole text gives.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func cutsAtBlanksWithoutADifference(seed: UInt64) throws {
        var draws = Draws(state: seed)
        var tokens = ["▁", "a", "b", "é"]
        var merges: [(String, String)] = []
        for _ in 0..<14 {
            let pair = (
                tokens.randomElement(using: &draws) ?? "a", tokens.randomElement(using: &draws) ?? "b"
            )
            let joined = pair.0 + pair.1
            let isCut =
                joined.unicodeScalars.dropFirst().contains("▁")
                && joined.unicodeScalars.contains { $0 != "▁" }
            if isCut || tokens.contains(joined) { continue }
            tokens.append(joined)
            merges.append(pair)
        }
        let file = try TokenizerFixture.file(
            merges: merges, preTokenizer: "null", vocabulary: try TokenizerFixture.json(tokens))
        let parts = try TokenizerFile(data: Array(file.utf8), file: "t").read()
        var whole = try #require(parts.pipeline.model as? ScalarPairEncoding)
        #expect(whole.cutsAtBlanks)
        let cutting = whole
        whole.cutsAtBlanks = false
        let text = (0..<120).map { _ in ["▁", "a", "b", "é"].randomElement(using: &draws) ?? "a" }.joined()
        var section = Section()
        Array(text.utf8).withUnsafeBufferPointer { section.load($0, startingAt: 0, tracksPlaces: false) }
        var (scratch, ids) = (ModelScratch(), [[Int32]]())
        for (model, tracks) in [(whole, false), (cutting, false), (whole, true), (cutting, true)] {
            var output = TokenSequence(collectsRanges: tracks)
            model.tokenize(section, with: &scratch, into: &output)
            ids.append(output.ids)
            #expect(!tracks || output.ranges.flatMap { section.bytes[$0] } == section.bytes)
        }
        #expect(Set(ids).count == 1)
    }
}
