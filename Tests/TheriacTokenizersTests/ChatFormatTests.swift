import Foundation
import Testing
import TheriacTokenizers

/// Chat templates and special tokens from a checkpoint's files.
@Suite struct ChatFormatTests {
    private func format(_ files: [String: String]) throws -> ChatFormat? {
        let fixture = try TokenizerFixture(files)
        return try ChatFormat(folder: fixture.folder)
    }

    @Test func readsATemplateWithTokens() throws {
        let format = try #require(
            try format([
                "tokenizer_config.json": #"""
                {"chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}{{ x }}",
                 "bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null}
                """#,
                "special_tokens_map.json": #"{"pad_token": "<pad>", "eos_token": "no"}"#,
            ]))
        #expect(try format.render(messages: [.user("a")], variables: ["x": 1]) == "<s>a</s><pad>1")
    }

    @Test func choosesAmongNamedTemplates() throws {
        let format = try #require(
            try format([
                "tokenizer_config.json": #"""
                {"chat_template": [{"name": "default", "template": "plain"},
                 {"name": "tool_use", "template": "{{ tools|length }} tools"}]}
                """#
            ]))
        #expect(try format.render(messages: []) == "plain")
        #expect(try format.render(messages: [], tools: [[:], [:]]) == "2 tools")
        #expect(try format.render(messages: [], tools: [[:]], template: "default") == "plain")
        let error = try #require(throws: TokenizerError.self) {
            try format.render(messages: [], template: "rag")
        }
        #expect(
            error.description
                == "tokenizer_config.json: 'chat_template' is rag, which is not supported. Supported: default, tool_use."
        )
    }

    @Test func prefersAFileOfItsOwn() throws {
        let config = #"{"chat_template": "config"}"#
        let named = try #require(
            try format(["tokenizer_config.json": config, "chat_template.jinja": "file"]))
        #expect(try named.render(messages: []) == "file")
        let other = try #require(
            try format(["tokenizer_config.json": "{}", "chat_template.json": #"{"chat_template": "json"}"#]))
        #expect(try other.render(messages: []) == "json")
    }

    @Test func findsNone() throws {
        #expect(try format(["tokenizer_config.json": #"{"chat_template": null}"#]) == nil)
        #expect(try format([:]) == nil)
    }

    @Test func saysWhichFieldIsWrong() throws {
        let error = try #require(throws: TokenizerError.self) {
            _ = try format(["tokenizer_config.json": #"{"chat_template": 3}"#])
        }
        #expect(
            error.description == "tokenizer_config.json: 'chat_template' is a number, but must be a list.")
    }
}
