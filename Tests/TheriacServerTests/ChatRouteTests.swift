import Foundation
import HTTPTypes
import TheriacTesting
import Testing

@testable import TheriacServer

@Suite struct ChatRouteTests {
    private static let template =
        "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"

    private static let configuration =
        #"{"chat_template":"\#(template)","eos_token":{"content":"<|endoftext|>"}}"#

    @Test func answersAConversationThroughItsTemplate() async throws {
        try await GenerationFixture.with(files: ["tokenizer_config.json": Self.configuration]) { fixture in
            let messages = #""messages":[{"role":"developer","content":"be"},{"role":"user","content":"hi"}]"#
            let answer = try await fixture.chat(#"{\#(messages),"max_completion_tokens":10,"seed":1}"#)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer["object"] as? String == "chat.completion")
            #expect(answer["choices", "0", "message", "role"] as? String == "assistant")
            let text = try #require(answer["choices", "0", "message", "content"] as? String)
            // The template's text, completed.
            let plain = try await fixture.complete(
                #"{"prompt":"<system>be<user>hi<assistant>","max_tokens":10,"seed":1}"#)
            #expect(plain.texts == [text])
            #expect(
                answer["usage", "prompt_tokens"] as? Int == plain["usage", "prompt_tokens"] as? Int)
            let tokens = try await fixture.server.ask(.post, "/tokenize", "{\(messages)}")
            #expect(tokens["count"] as? Int == plain["usage", "prompt_tokens"] as? Int)
            let parts = try await fixture.chat(
                #"{"messages":[{"role":"system","content":"be"},{"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}],"max_tokens":10,"seed":1}"#
            )
            #expect(parts["choices", "0", "message", "content"] as? String == text)
        }
    }

    /// Without a template a conversation is lines, and the answer ends before the next one.
    @Test func hasAPlainFormWithoutATemplate() async throws {
        try await GenerationFixture.with { fixture in
            let answer = try await fixture.chat(
                #"{"messages":[{"role":"user","content":"hi"}],"max_tokens":10,"seed":1}"#)
            let plain = try await fixture.complete(
                #"{"prompt":"User: hi\nAssistant:","max_tokens":10,"seed":1,"stop":["\nUser:"]}"#)
            #expect(answer["choices", "0", "message", "content"] as? String == plain.texts.first)
            let goesOn = try await fixture.server.ask(
                .post, "/tokenize",
                #"{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"we"}],"continue_final_message":true}"#
            )
            let tokens = try #require(goesOn["tokens"] as? [Int])
            let text = try await fixture.server.ask(
                .post, "/detokenize", #"{"tokens":[\#(tokens.map { "\($0)" }.joined(separator: ","))]}"#)
            #expect(text["prompt"] as? String == "User: hi\nAssistant: we")
        }
    }

    @Test func streamsTheSameAnswer() async throws {
        try await GenerationFixture.with { fixture in
            for seed in 0..<4 {
                let rest =
                    #""messages":[{"role":"user","content":"é"}],"n":2,"max_tokens":40,"seed":\#(seed),"logprobs":true,"top_logprobs":2"#
                let whole = try await fixture.chat("{\(rest)}")
                let stream = try await fixture.chat(
                    #"{\#(rest),"stream":true,"stream_options":{"include_usage":true}}"#)
                #expect(stream.status == 200 && stream.endsWell)
                let events = stream.events
                #expect(events.allSatisfy { $0["object"] as? String == "chat.completion.chunk" })
                let texts = events.joined { ($0["delta"] as? [String: Any])?["content"] as? String }
                for (index, choice) in whole.choices.enumerated() {
                    let message = try #require(choice["message"] as? [String: Any])
                    #expect(texts[index] == message["content"] as? String)
                    let own = events.flatMap { $0["choices"] as? [[String: Any]] ?? [] }.filter {
                        $0["index"] as? Int == index
                    }
                    #expect((own[0]["delta"] as? [String: Any])?["role"] as? String == "assistant")
                    #expect((own.last?["delta"] as? [String: Any])?.isEmpty == true)
                    #expect(own.last?["finish_reason"] as? String == choice["finish_reason"] as? String)
                    func tokens(_ value: Any?) -> [String] {
                        ((value as? [String: Any])?["content"] as? [[String: Any]] ?? []).compactMap {
                            $0["token"] as? String
                        }
                    }
                    #expect(own.flatMap { tokens($0["logprobs"]) } == tokens(choice["logprobs"]))
                    #expect(!tokens(choice["logprobs"]).isEmpty)
                }
                #expect(events.last?["usage"] is [String: Any])
            }
        }
    }

    @Test(arguments: [
        ("{}", "missing_required_parameter", "messages"),
        (#"{"messages":"x"}"#, "invalid_type", "messages"),
        (#"{"messages":[]}"#, "invalid_value", "messages"),
        (#"{"messages":[{"content":"x"}]}"#, "missing_required_parameter", "messages[0].role"),
        (#"{"messages":[{"role":"king","content":"x"}]}"#, "invalid_value", "messages[0].role"),
        (#"{"messages":[{"role":"user"}]}"#, "missing_required_parameter", "messages[0].content"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#, "unsupported_input_type",
            "messages[0].content"
        ),
        (
            #"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}"#,
            "unsupported_parameter", "tools"
        ),
        (
            #"{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}"#,
            "unsupported_parameter", "response_format"
        ),
        (
            #"{"messages":[{"role":"user","content":"x"}],"top_logprobs":2}"#, "invalid_value", "top_logprobs"
        ),
        (
            #"{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":21}"#,
            "invalid_value", "top_logprobs"
        ),
        (#"{"messages":[{"role":"user","content":"x"}],"echo":true}"#, "unknown_parameter", "echo"),
        (
            #"{"messages":[{"role":"user","content":"x"}],"max_tokens":500}"#, "context_length_exceeded",
            "max_tokens"
        ),
    ])
    func saysWhatIsWrong(body: String, code: String, parameter: String) async throws {
        try await GenerationFixture.with { fixture in
            let answer = try await fixture.chat(body)
            #expect(answer.status == 400, "\(answer.body)")
            #expect(answer["error", "code"] as? String == code)
            #expect(answer["error", "param"] as? String == parameter)
        }
    }

    @Test func aTemplateMayRefuse() async throws {
        let configuration = #"{"chat_template":"{{ raise_exception('roles must alternate') }}"}"#
        try await GenerationFixture.with(files: ["tokenizer_config.json": configuration]) { fixture in
            let answer = try await fixture.chat(#"{"messages":[{"role":"user","content":"x"}]}"#)
            #expect(answer.status == 400 && answer["error", "param"] as? String == "messages")
        }
    }

    // MARK: Tokenizer and models

    @Test func tellsAboutItsTokenizer() async throws {
        try await GenerationFixture.with(files: ["tokenizer_config.json": Self.configuration]) { fixture in
            let info = try await fixture.server.ask(.get, "/tokenizer_info")
            #expect(info["eos_token"] as? String == "<|endoftext|>")
            #expect(info["bos_token"] as? String == "<|endoftext|>")
            #expect(info["tokenizer_class"] is String && info["chat_template"] is String)
            let tokens = try await fixture.server.ask(
                .post, "/tokenize", #"{"prompt":"the <|endoftext|>","return_token_strs":true}"#)
            let ids = try #require(tokens["tokens"] as? [Int])
            #expect(ids.last == 299 && tokens["count"] as? Int == ids.count)
            #expect(tokens["max_model_len"] as? Int == 128)
            #expect((tokens["token_strs"] as? [String])?.joined() == "the <|endoftext|>")
            let back = try await fixture.server.ask(
                .post, "/detokenize", #"{"tokens":[\#(ids.map { "\($0)" }.joined(separator: ","))]}"#)
            #expect(back["prompt"] as? String == "the <|endoftext|>")
            #expect(try await fixture.server.ask(.post, "/tokenize", "{}").status == 400)
            #expect(try await fixture.server.ask(.post, "/detokenize", #"{"tokens":[300]}"#).status == 400)
        }
    }

    @Test func isListedWithTheDetectors() async throws {
        try await GenerationFixture.with { fixture in
            let list = try await fixture.server.ask(.get, "/v1/models")
            #expect(list["data", "0", "id"] as? String == "tiny")
            #expect(list["data", "0", "max_model_len"] as? Int == 128)
            #expect(list["data", "1", "id"] as? String == "fixed")
            let one = try await fixture.server.ask(.get, "/v1/models/tiny")
            #expect((one["revision"] as? String)?.hasPrefix("sha256:") == true)
        }
    }
}
