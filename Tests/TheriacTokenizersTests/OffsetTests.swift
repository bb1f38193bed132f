import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct OffsetTests {
    @Test func countsScalarsAndGivesPartsOfOneTheWholeScalar() throws {
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file()]).load()
        let encoding = tokenizer.encodeWithOffsets("aé😀")
        #expect(encoding.ids.count == 7)
        #expect(encoding.offsets == [0..<1, 1..<2, 1..<2, 2..<3, 2..<3, 2..<3, 2..<3])
    }

    @Test(arguments: [("false", "true", [0..<1, 2..<3]), ("false", "false", [0..<1, 1..<3])])
    func trimsBlanksWhenAsked(prefix: String, trims: String, expected: [Range<Int>]) throws {
        let processor =
            "{\"type\": \"ByteLevel\", \"add_prefix_space\": \(prefix), \"trim_offsets\": \(trims)}"
        let file = try TokenizerFixture.file(merges: [("Ġ", "b")], postProcessor: processor)
        #expect(
            try TokenizerFixture(["tokenizer.json": file]).load().encodeWithOffsets("a b").offsets == expected
        )
    }

    @Test func takesAPrefixSpaceForPartOfTheFirstScalar() throws {
        let pre = #"{"type": "ByteLevel", "add_prefix_space": true}"#
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file(preTokenizer: pre)])
            .load()
        #expect(
            tokenizer.encodeWithOffsets("é")
                == Encoding(ids: [32, 0xC3, 0xA9], offsets: [0..<1, 0..<1, 0..<1]))
        #expect(tokenizer.encode(" a") == [32, 97])
        #expect(tokenizer.encode("") == [])
    }

    @Test func givesTokensOfATemplateNoText() throws {
        let added = #"{"id": 256, "content": "<s>", "special": true}"#
        let template = #"""
            {"type": "Sequence", "processors": [{"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [256], "tokens": ["<s>"]}}}]}
            """#
        let file = try TokenizerFixture.file(added: added, postProcessor: template)
        let tokenizer = try TokenizerFixture(["tokenizer.json": file]).load()
        #expect(
            tokenizer.encodeWithOffsets("ab")
                == Encoding(ids: [256, 97, 98], offsets: [0..<0, 0..<1, 1..<2]))
        #expect(tokenizer.encode("ab", addingSpecialTokens: false) == [97, 98])
    }
}
