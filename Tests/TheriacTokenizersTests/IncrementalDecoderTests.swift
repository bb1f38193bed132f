import Foundation
import Testing

@testable import TheriacTokenizers

/// Token by token the text is what decoding all tokens gives.
@Suite struct IncrementalDecoderTests {
    private static let pieces = [
        "▁", "▁the", "the", "▁▁", " ", "a", "b", "é", "🙂", "##s", "##", "s", "</w>", "n</w>", "▁a▁", ".",
        " .",
        "▁中", "中", "", "<0x", "n't", " n't", "x",
    ]

    /// Byte tokens, pieces, and a special token at the end.
    private static let vocabulary =
        [0x61, 0x20, 0xE4, 0xB8, 0xAD, 0xE6, 0xB1, 0x89, 0xF0, 0x9F, 0x99, 0x82, 0xC3, 0xA9, 0xFF, 0x80].map {
            "<0x" + String($0, radix: 16, uppercase: true).leftPadded + ">"
        } + pieces

    private static let replace = #"{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}"#
    private static let fallback = #"{"type": "ByteFallback"}"#
    private static let fuse = #"{"type": "Fuse"}"#

    private static func chain(_ steps: String...) -> String {
        #"{"type": "Sequence", "decoders": [\#(steps.joined(separator: ","))]}"#
    }

    private static func strip(_ start: Int, _ stop: Int) -> String {
        #"{"type": "Strip", "content": " ", "start": \#(start), "stop": \#(stop)}"#
    }

    private static func metaspace(_ scheme: String) -> String {
        #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "\#(scheme)", "split": false}"#
    }

    private static func wordPiece(_ cleansUp: String) -> String {
        ###"{"type": "WordPiece", "prefix": "##", "cleanup": \###(cleansUp)}"###
    }

    /// Decoders whose texts can be cut, and those that have to look at all tokens again.
    private static let separable: [String] = [
        chain(replace, fallback, fuse, strip(1, 0)), chain(replace, fallback, fuse, strip(3, 0)),
        chain(replace, fallback, fuse), chain(fallback, fuse), chain(replace, strip(1, 1), fallback, fuse),
        metaspace("always"), metaspace("first"), metaspace("never"), chain(fallback, metaspace("first")),
        wordPiece("true"), wordPiece("false"), "null",
    ]
    private static let others: [String] = [
        chain(fallback, fuse, strip(0, 1)), chain(fallback, fuse, replace),
        #"{"type": "BPEDecoder", "suffix": "</w>"}"#,
    ]

    private static func tokenizer(_ decoder: String, _ vocabulary: [String]? = vocabulary) throws -> Tokenizer
    {
        let special = vocabulary?.count ?? 256
        return try TokenizerFixture([
            "tokenizer.json": try TokenizerFixture.file(
                added: """
                    {"id": \(special), "content": "<s>", "special": true, "normalized": false, "lstrip": false,
                     "rstrip": false, "single_word": false}
                    """, decoder: decoder, vocabulary: try vocabulary.map(TokenizerFixture.json))
        ]).load()
    }

    /// - Returns: the most bytes that were not stable.
    @discardableResult
    private func check(
        _ tokenizer: Tokenizer, _ ids: [Int32], skipping: Bool = true, _ name: String
    ) -> Int {
        var decoder = IncrementalDecoder(tokenizer, skippingSpecialTokens: skipping)
        let whole = Array(tokenizer.decode(ids, skippingSpecialTokens: skipping).utf8)
        var most = 0
        for count in 0...ids.count {
            if count > 0 { decoder.append([ids[count - 1]]) }
            let text = tokenizer.decode(Array(ids[..<count]), skippingSpecialTokens: skipping)
            #expect(decoder.text.utf8.elementsEqual(text.utf8), "\(name) \(ids[..<count])")
            #expect(whole.starts(with: decoder.stable), "\(name) \(ids) at \(count)")
            #expect(String(validating: decoder.stable, as: UTF8.self) != nil)
            most = max(most, decoder.tail.count)
        }
        return most
    }

    private func draw(_ draws: inout Draws, below count: Int, upTo length: Int) -> [Int32] {
        (0..<Int.random(in: 0..<length, using: &draws) + 1).map { _ in
            Int32(Int.random(in: 0..<count + 3, using: &draws)) - 1
        }
    }

    @Test(arguments: separable + others, 0..<40 as Range<UInt64>)
    func equalsWholeDecoding(decoder: String, seed: UInt64) throws {
        let tokenizer = try Self.tokenizer(decoder)
        var draws = Draws(state: seed)
        for _ in 0..<4 {
            let ids = draw(&draws, below: Self.vocabulary.count + 1, upTo: 24)
            check(tokenizer, ids, skipping: Int.random(in: 0..<2, using: &draws) == 0, decoder)
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func equalsWholeDecodingOfBytes(seed: UInt64) throws {
        let tokenizer = try RoundTripTests.tokenizer()
        var draws = Draws(state: seed)
        #expect(check(tokenizer, tokenizer.encode(draws.text(upTo: 40)), "text") <= 9)
        // Any bytes, most of them such as begin or go on with a character.
        let ids = (0..<40).map { _ in
            Int32(
                Int.random(in: 0..<4, using: &draws) == 0
                    ? Int.random(in: 0..<266, using: &draws) : 0x80 + Int.random(in: 0..<0x80, using: &draws))
        }
        #expect(check(tokenizer, ids, "bytes") <= 9)
    }

    /// Where texts can be cut, nothing is held but a run of byte tokens: else a token more would cost the whole text.
    @Test(arguments: separable) func holdsLittle(decoder: String) throws {
        let tokenizer = try Self.tokenizer(decoder)
        let word = try #require(tokenizer.id(of: "▁the"))
        let byte = try #require(tokenizer.id(of: "<0xE4>"))
        var running = IncrementalDecoder(tokenizer)
        for place in 0..<50 {
            running.append([word, byte, word])
            #expect(running.tail.isEmpty, "\(decoder) \(place)")
        }
        #expect(
            running.text == tokenizer.decode(Array(repeating: [word, byte, word], count: 50).flatMap(\.self)))
    }

    /// One more byte may turn all of a run into U+FFFD.
    @Test func holdsRunsOfByteTokens() throws {
        let tokenizer = try Self.tokenizer(Self.separable[0])
        let ids = try ["▁a▁", "<0xE4>", "<0xB8>", "<0xAD>"].map { try #require(tokenizer.id(of: $0)) }
        var running = IncrementalDecoder(tokenizer)
        running.append(ids)
        #expect(running.text == "a 中" && running.stable == Array("a ".utf8))
        running.append([try #require(tokenizer.id(of: "<0xFF>"))])
        #expect(running.text == "a " + String(repeating: "\u{FFFD}", count: 4))
    }
}

extension String {
    fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
