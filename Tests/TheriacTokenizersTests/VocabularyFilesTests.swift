import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct VocabularyFilesTests {
    static func files(_ others: [String: String] = [:], merges: String = "#version: 0.2\na b\r\nab c\n\n")
        throws -> [String: String]
    {
        let vocabulary = try TokenizerFixture.json(
            TokenizerFixture.vocabulary(["ab", "abc", "<|endoftext|>"]))
        return others.merging(["vocab.json": vocabulary, "merges.txt": merges]) { $1 }
    }

    @Test func readsTheOriginalFilesOfGPT2() throws {
        let tokenizer = try TokenizerFixture(try Self.files()).load()
        #expect(tokenizer.encode("abc ab<|endoftext|>") == [257, 32, 256, 258])
        #expect(tokenizer.endOfText == 258)
        #expect(tokenizer.decode([257, 258]) == "abc")
    }

    @Test func takesSpecialTokensFromTheFilesAround() throws {
        let config = #"""
            {"eos_token": {"content": "</s>"}, "pad_token": "<pad>", "add_prefix_space": true,
             "added_tokens_decoder": {"259": {"content": "</s>", "special": true}}}
            """#
        let tokenizer = try TokenizerFixture(
            try Self.files([
                "tokenizer_config.json": config, "special_tokens_map.json": #"{"bos_token": "<s>"}"#,
            ])
        ).load()
        #expect(tokenizer.specialTokens.map(\.content) == ["</s>", "<s>", "<pad>"])
        #expect(tokenizer.encode("a</s><pad>") == [32, 97, 259, 261])
        #expect(tokenizer.endOfText == 259)
    }

    @Test(arguments: [("5", 5), ("[7, 8]", 7)] as [(String, Int32)])
    func takesTheEndOfTextFromTheModelsFile(value: String, id: Int32) throws {
        let tokenizer = try TokenizerFixture(try Self.files(["config.json": "{\"eos_token_id\": \(value)}"]))
            .load()
        #expect(tokenizer.endOfText == id)
    }

    @Test(arguments: [
        (
            ["config.json": #"{"eos_token_id": 999}"#],
            "config.json: 'eos_token_id' is 999, but ids are 0 to 258."
        ),
        (
            ["config.json": #"{"eos_token_id": "x"}"#],
            "config.json: 'eos_token_id' is a string, but must be a whole number."
        ),
        (["tokenizer_config.json": "[]"], "tokenizer_config.json: '' is a list, but must be an object."),
        (
            ["tokenizer_config.json": #"{"eos_token": 3}"#],
            "tokenizer_config.json: 'eos_token' is a number, but must be a string."
        ),
        (
            ["tokenizer_config.json": #"{"added_tokens_decoder": {"x": {"content": "y"}}}"#],
            "tokenizer_config.json: 'added_tokens_decoder.x' is an object, but must be under a token id."
        ),
    ])
    func refusesDamagedFilesAround(others: [String: String], message: String) throws {
        let fixture = try TokenizerFixture(try Self.files(others))
        let error = try #require(throws: TokenizerError.self) { try fixture.load() }
        #expect(error.description == message)
    }

    @Test func namesTheMergeThatIsWrong() throws {
        let fixture = try TokenizerFixture(try Self.files(merges: "#version: 0.2\na b\nc\n"))
        let error = try #require(throws: TokenizerError.self) { try fixture.load() }
        #expect(
            error.description
                == "merges.txt: merge rule 1 cannot be used: it is not two tokens with one blank between them."
        )
    }

    @Test func saysWhatAFolderLacks() throws {
        let fixture = try TokenizerFixture(["vocab.json": "{}"])
        let error = try #require(throws: TokenizerError.self) { try fixture.load() }
        #expect(
            error.description
                == "\(fixture.folder.lastPathComponent) has no tokenizer: it needs tokenizer.json, "
                + "or vocab.json and merges.txt.")
    }
}
