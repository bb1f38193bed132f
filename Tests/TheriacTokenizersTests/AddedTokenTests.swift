import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct AddedTokenTests {
    /// Pieces of "text" with the token that was found, if any.
    static func stretches(_ tokens: [AddedToken], _ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        bytes.withUnsafeBufferPointer { buffer in
            AddedTokenMatcher(tokens).forEachStretch(of: buffer) { range, id in
                found.append((id.map { "\($0):" } ?? "") + String(decoding: bytes[range], as: UTF8.self))
            }
        }
        return found
    }

    static func token(_ id: Int32, _ content: String, _ change: (inout AddedToken) -> Void = { _ in })
        -> AddedToken
    {
        var token = AddedToken(id: id, content: content)
        change(&token)
        return token
    }

    @Test func findsTheLeftmostLongest() {
        let tokens = [Self.token(1, "<a"), Self.token(2, "<a>"), Self.token(3, "a>b")]
        #expect(Self.stretches(tokens, "x<a>b<a<a>") == ["x", "2:<a>", "b", "1:<a", "2:<a>"])
        #expect(Self.stretches(tokens, "a>b") == ["3:a>b"])
        #expect(Self.stretches(tokens, "") == [])
    }

    @Test func stripsWhiteSpaceBesideTokensThatAskForIt() {
        let left = Self.token(1, "<m>") { $0.stripsLeft = true }
        let right = Self.token(2, "<e>") { $0.stripsRight = true }
        #expect(Self.stretches([left, right], "a \u{3000}<m> b") == ["a", "1: \u{3000}<m>", " b"])
        #expect(Self.stretches([left, right], "a <e> \n<m>") == ["a ", "2:<e> \n", "1:<m>"])
    }

    @Test(arguments: [
        ("dog", true), ("a dog!", true), ("dogs", false), ("_dog", false), ("é dog", true), ("édog", false),
    ])
    func matchesSingleWordsOnlyBetweenBoundaries(text: String, isFound: Bool) {
        let dog = Self.token(1, "dog") { $0.isSingleWord = true }
        #expect(Self.stretches([dog], text).contains("1:dog") == isFound)
    }

    @Test func recognisesSpecialTokensInTextAndSkipsThemInDecoding() throws {
        let added =
            #"{"id": 256, "content": "<|endoftext|>", "special": true}, {"id": 257, "content": "你好", "special": false}"#
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file(added: added)])
            .load()
        let ids = tokenizer.encode("a<|endoftext|>你好b")
        #expect(ids == [97, 256, 257, 98])
        #expect(tokenizer.decode(ids) == "a你好b")
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == "a<|endoftext|>你好b")
        #expect(tokenizer.endOfText == 256)
        #expect(tokenizer.specialTokens.map(\.content) == ["<|endoftext|>"])
        #expect(tokenizer.addedTokens.map(\.id) == [256, 257])
        #expect(tokenizer.vocabularySize == 258)
        #expect(tokenizer.id(of: "你好") == 257)
    }

    /// The two spellings of "ệ" are one `String` and two tokens.
    @Test func tellsCanonicallyEquivalentTokensApart() throws {
        let added = #"{"id": 256, "content": "\u1ec7"}, {"id": 257, "content": "e\u0323\u0302"}"#
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file(added: added)])
            .load()
        #expect(tokenizer.encode("\u{1EC7}e\u{323}\u{302}") == [256, 257])
        #expect(tokenizer.id(of: "\u{1EC7}") == 256)
        #expect(tokenizer.id(of: "e\u{323}\u{302}") == 257)
    }
}
