import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct TokenizerFileTests {
    /// The message of the error that a `tokenizer.json` gives.
    static func message(_ file: String) throws -> String {
        let fixture = try TokenizerFixture(["tokenizer.json": file])
        let error = try #require(throws: TokenizerError.self) { try fixture.load() }
        return error.description
    }

    static let vocabularies: [(vocabulary: String, message: String)] = [
        (#"{"a": 0, "b": 2}"#, "token 1 has id 2, but 2 tokens must have the ids 0 to 1."),
        (#"{"a": 0, "b": 0}"#, "id 0 is given to two tokens."),
        (#"{"a": 0, "a": 1}"#, "ids 0 and 1 are the same token."),
        (#"{"a": -1}"#, "token 0 has id -1, but 1 tokens must have the ids 0 to 0."),
        (#"{"a": 4294967296}"#, "token 0 has id 4294967296, but 1 tokens must have the ids 0 to 0."),
        ("{}", "it has no tokens."),
    ]

    @Test(arguments: vocabularies)
    func refusesHolesAndDuplicates(vocabulary: String, message: String) throws {
        #expect(
            try Self.message(try TokenizerFixture.file(vocabulary: vocabulary))
                == "tokenizer.json: the vocabulary cannot be used: " + message)
    }

    @Test(arguments: [
        #"{"a": 1e99}"#, #"{"a": "0"}"#, #"{"a": 1.5}"#, #"{"a": 99999999999999999999}"#, #"{"a": null}"#,
        "[1]", "3",
    ])
    func refusesIdsThatAreNotWholeNumbers(vocabulary: String) throws {
        #expect(
            try Self.message(try TokenizerFixture.file(vocabulary: vocabulary)).contains(
                "is not well formed at byte"))
    }

    static let merges: [(merges: String, message: String)] = [
        (#"[["x", "a"]]"#, "merge rule 0 cannot be used: the first of its tokens is not in the vocabulary."),
        (
            #"[["a", "b"], ["a", "x"]]"#,
            "merge rule 1 cannot be used: the second of its tokens is not in the vocabulary."
        ),
        (#"["b a"]"#, "merge rule 0 cannot be used: the token it makes is not in the vocabulary."),
        (#"["ab"]"#, "merge rule 0 cannot be used: it is not two tokens with one blank between them."),
        (#"["a b c"]"#, "merge rule 0 cannot be used: it is not two tokens with one blank between them."),
        (#"[["a"]]"#, "merge rule 0 cannot be used: it has fewer than two tokens."),
        (#"[["a", "b", "c"]]"#, "merge rule 0 cannot be used: it has more than two tokens."),
    ]

    @Test(arguments: merges)
    func refusesRulesThatCannotBeUsed(merges: String, message: String) throws {
        let file = try TokenizerFixture.file(vocabulary: #"{"a": 0, "b": 1, "ab": 2}"#, mergesJSON: merges)
        #expect(try Self.message(file) == "tokenizer.json: " + message)
    }

    @Test(arguments: [
        (
            "\"normalizer\": null", #""normalizer": {"type": "Other"}"#,
            "'normalizer' is Other, which is not supported. Supported: "
        ),
        ("\"BPE\"", "\"Other\"", "'model' is Other, which is not supported. Supported: BPE, "),
        (
            "\"BPE\", ", "\"BPE\", \"dropout\": 0.1, ",
            "'model.dropout' is set, which is not supported. Supported: null."
        ),
        (
            "\"pre_tokenizer\": {\"type\": \"ByteLevel\"", "\"pre_tokenizer\": {\"type\": \"Other\"",
            "'pre_tokenizer' is Other, which is not supported. Supported: "
        ),
        (
            "\"post_processor\": null", #""post_processor": {"type": "Other"}"#,
            "'post_processor' is Other, which is not supported. Supported: "
        ),
        (
            "\"decoder\": {\"type\": \"ByteLevel\"", "\"decoder\": {\"type\": \"Other\"",
            "'decoder' is Other, which is not supported. Supported: "
        ),
        (
            "\"add_prefix_space\": false", "\"add_prefix_space\": 1",
            "'pre_tokenizer.add_prefix_space' is a number, but must be true or false."
        ),
        ("\"added_tokens\": []", "\"added_tokens\": {}", "'added_tokens' is an object, but must be a list."),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": "x", "content": "a"}]"#,
            "'added_tokens[0].id' is a string, but must be a whole number."
        ),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": 256}]"#,
            "'added_tokens[0].content' is missing or null, but must be a string."
        ),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": 300, "content": "<s>"}]"#,
            "the vocabulary cannot be used: added token 300 leaves a hole or takes another's place: the next free id is 256."
        ),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": 3, "content": "<s>"}]"#,
            "the vocabulary cannot be used: added token 3 leaves a hole or takes another's place: the next free id is 256."
        ),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": 256, "content": "a"}]"#,
            "the vocabulary cannot be used: added token 256 is in the vocabulary with id 97."
        ),
        (
            "\"added_tokens\": []",
            #""added_tokens": [{"id": 256, "content": "<s>"}, {"id": 256, "content": "<t>"}]"#,
            "the vocabulary cannot be used: two added tokens have the same id."
        ),
        (
            "\"added_tokens\": []", #""added_tokens": [{"id": 99999999999, "content": "<s>"}]"#,
            "'added_tokens[0].id' is 99999999999, but ids are 0 to 2147483646."
        ),
        ("\"model\"", "\"modell\"", "'model' is missing or not an object."),
        ("\"merges\"", "\"merge\"", "'model.merges' is missing."),
    ])
    func refusesWhatIsNotSupportedByName(old: String, new: String, message: String) throws {
        let file = try TokenizerFixture.file()
        #expect(file.contains(old))
        #expect(
            try Self.message(file.replacingOccurrences(of: old, with: new)).hasPrefix(
                "tokenizer.json: " + message))
    }

    @Test func refusesUnknownTokensOutsideTheVocabulary() throws {
        let file = try TokenizerFixture.file(
            settings: #""unk_token": "<unk>", "#, vocabulary: #"{"a": 0}"#, mergesJSON: "[]")
        #expect(try Self.message(file) == "tokenizer.json: 'model.unk_token' is not in the vocabulary.")
    }

    /// Every place a file can be cut off gives an error, never a crash.
    @Test func refusesATruncatedFile() throws {
        let file = try TokenizerFixture.file(
            merges: [("a", "b")], added: #"{"id": 257, "content": "\ud83d\ude00", "special": true}"#,
            vocabulary: nil)
        let bytes = Array(file.utf8)
        for end in 0..<bytes.count {
            #expect(throws: TokenizerError.self) {
                try TokenizerFile(data: Array(bytes[..<end]), file: "t").read()
            }
        }
        #expect(throws: Never.self) { try TokenizerFile(data: bytes, file: "t").read() }
    }

    /// Any single byte changed gives an error or a tokenizer, never a crash.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func survivesDamage(seed: UInt64) throws {
        let bytes = Array(
            try TokenizerFixture.file(
                merges: [("a", "b"), ("ab", "c")], added: #"{"id": 258, "content": "<s>", "lstrip": true}"#
            ).utf8)
        var draws = Draws(state: seed)
        for _ in 0..<200 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &draws)] = .random(in: 0...127, using: &draws)
            guard let parts = try? TokenizerFile(data: damaged, file: "t").read() else { continue }
            _ = Tokenizer(parts).encodeWithOffsets("abc <s> é\n")
        }
    }

    @Test(arguments: [
        ("", "the file ends"), ("[", "expected '{'"), ("{} x", "text after the end"),
        ("{\"a\": tru}", "expected true"),
        ("{\"a\": \"\\ud800x\"}", "half of a surrogate pair"), ("{\"a\": \"\\x\"}", "an unknown escape"),
        ("{\"a\": \"\n\"}", "a control character"), ("{\"a\" 1}", "expected ':'"),
        ("{\"a\": 1 \"b\": 2}", "expected ','"),
        ("{\"a\": -}", "expected a number"),
    ])
    func saysWhereJSONIsBroken(file: String, reason: String) throws {
        let message = try Self.message(file)
        #expect(message.hasPrefix("tokenizer.json is not well formed at byte"))
        #expect(message.contains(reason) || reason == "the file ends")
    }

    @Test func refusesDeepNesting() throws {
        let deep = "{\"a\": " + String(repeating: "[", count: 100_000)
        #expect(try Self.message(deep).contains("nested deeper than 64 levels"))
    }

    @Test func refusesFilesThatAreNotText() throws {
        let fixture = try TokenizerFixture([:])
        try Data([0x7B, 0xFF, 0x7D]).write(to: fixture.folder.appendingPathComponent("tokenizer.json"))
        let error = try #require(throws: TokenizerError.self) { try fixture.load() }
        #expect(error.description == "tokenizer.json cannot be read: it is not UTF-8 text.")
    }

    @Test func joinsTokensWithBlanksWithoutADecoder() throws {
        let tokenizer = try TokenizerFixture(["tokenizer.json": try TokenizerFixture.file(decoder: "null")])
            .load()
        #expect(tokenizer.decode([97, 32, 98]) == "a Ġ b")
    }
}
