import Foundation
import HTTPTypes
import TheriacGeneration
import TheriacModels
import TheriacTesting
import TheriacTokenizers
import Testing

@testable import TheriacServer

@Suite struct CompletionsRouteTests {
    @Test func answersEveryFormOfPrompt() async throws {
        try await GenerationFixture.with { fixture in
            let ids = fixture.server.server.services.generation?.facts.tokenizer.encode("the end") ?? []
            let list = "[\(ids.map(String.init).joined(separator: ","))]"
            let rest = #""max_tokens":6,"seed":3,"model":"tiny""#
            let text = try await fixture.complete(#"{"prompt":"the end",\#(rest)}"#)
            #expect(text.status == 200, "\(text.body)")
            #expect(text["object"] as? String == "text_completion" && text["model"] as? String == "tiny")
            #expect(text["choices", "0", "index"] as? Int == 0)
            let ofIDs = try await fixture.complete(#"{"prompt":\#(list),\#(rest)}"#)
            #expect(ofIDs.texts == text.texts)
            let many = try await fixture.complete(#"{"prompt":["other","the end"],\#(rest)}"#)
            #expect(many.texts.count == 2 && many.texts[1] == text.texts[0])
            let manyIDs = try await fixture.complete(#"{"prompt":[[1,2],\#(list)],\#(rest)}"#)
            #expect(manyIDs.texts[1] == text.texts[0])
            #expect(text["usage", "prompt_tokens"] as? Int == ids.count)
            let written = try #require(text["usage", "completion_tokens"] as? Int)
            #expect((1...6).contains(written))
            #expect(text["usage", "total_tokens"] as? Int == ids.count + written)
        }
    }

    /// Requests at one time with different settings get exactly what each gets alone.
    @Test func answersDoNotDependOnOtherRequests() async throws {
        let bodies = (0..<8).map { place in
            let extra = [
                #""temperature":0"#, #""temperature":0.7,"top_p":0.5"#, #""n":3"#,
                #""logprobs":2,"echo":true"#,
                #""frequency_penalty":1.5"#, #""top_k":5,"stop":["e"]"#, #""logit_bias":{"65":5}"#,
                #""max_tokens":1,"echo":true,"logprobs":0"#,
            ][place]
            let count = extra.contains("max_tokens") ? "" : #""max_tokens":\#(10 + place * 3),"#
            return #"{"prompt":"prompt \#(place)","seed":\#(place),\#(count)\#(extra)}"#
        }
        try await GenerationFixture.with { fixture in
            var alone: [Answer] = []
            for body in bodies { alone.append(try await fixture.complete(body)) }
            let together = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
                for (place, body) in bodies.enumerated() {
                    group.addTask { (place, try await fixture.complete(body)) }
                }
                var found: [Int: Answer] = [:]
                for try await (place, answer) in group { found[place] = answer }
                return found
            }
            for (place, answer) in alone.enumerated() {
                #expect(answer.status == 200, "\(answer.body)")
                let other = try #require(together[place])
                func content(_ answer: Answer) throws -> Data {
                    try JSONSerialization.data(withJSONObject: answer.choices, options: .sortedKeys)
                }
                #expect(try content(answer) == content(other), "\(bodies[place])")
            }
        }
    }

    @Test func samplesAreNumberedByPromptAndRepeatable() async throws {
        try await GenerationFixture.with { fixture in
            let body = #"{"prompt":["a b","c d"],"n":3,"max_tokens":8,"seed":5}"#
            let first = try await fixture.complete(body)
            #expect(first.choices.map { $0["index"] as? Int } == [0, 1, 2, 3, 4, 5])
            #expect(Set(first.texts).count > 4)
            #expect(try await fixture.complete(body).texts == first.texts)
            let one = try await fixture.complete(#"{"prompt":"c d","n":1,"max_tokens":8,"seed":5}"#)
            #expect(one.texts[0] == first.texts[3])
            let free = try await fixture.complete(#"{"prompt":"c d","max_tokens":8}"#)
            let seed = try #require(free["theriac", "seed"] as? Int)
            let again = try await fixture.complete(#"{"prompt":"c d","max_tokens":8,"seed":\#(seed)}"#)
            #expect(again.texts == free.texts)
        }
    }

    /// Sums of the echoed log-probabilities are what the library's own likelihood finds.
    @Test func echoTellsHowLikelyAPromptIs() async throws {
        try await GenerationFixture.with { fixture in
            let facts = try #require(fixture.server.server.services.generation?.facts)
            let loaded = try LoadedModel(folder: fixture.folder)
            let texts = ["then the other", "a", "on and on and on"]
            let list = texts.map { "\"\($0)\"" }.joined(separator: ",")
            for count in [0, 1] {
                let answer = try await fixture.complete(
                    #"{"prompt":[\#(list)],"max_tokens":\#(count),"echo":true,"logprobs":1,"temperature":0}"#)
                #expect(answer.status == 200, "\(answer.body)")
                for (text, choice) in zip(texts, answer.choices) {
                    let lists = try #require(choice["logprobs"] as? [String: Any])
                    let tokens = facts.tokenizer.encode(text)
                    let values = try #require(lists["token_logprobs"] as? [Any])
                    #expect(values.count == tokens.count + count && values[0] is NSNull)
                    for name in ["tokens", "top_logprobs", "text_offset"] {
                        #expect((lists[name] as? [Any])?.count == values.count)
                    }
                    let shown = try #require(choice["text"] as? String)
                    #expect(count == 0 ? shown == text : shown.hasPrefix(text))
                    #expect(
                        (lists["tokens"] as? [String])?.prefix(tokens.count).joined() == text)
                    guard tokens.count > 1 else { continue }
                    let sum = values[1..<tokens.count].reduce(0.0) { $0 + ($1 as? Double ?? .nan) }
                    let first = facts.tokenizer.decode([tokens[0]])
                    let expected = try #require(
                        try Likelihood(loaded).ofContinuations([(first, String(text.dropFirst(first.count)))]
                        )[0])
                    #expect(expected.tokens == tokens.count - 1)
                    #expect(abs(sum + expected.sum) < 1e-4)
                }
                if count == 0 { #expect(answer["usage", "completion_tokens"] as? Int == 0) }
            }
        }
    }

    /// What the harness looks at: where the drawn token is the likeliest, both numbers are one float.
    @Test func theLikeliestTokenHasOneNumber() async throws {
        try await GenerationFixture.with { fixture in
            let answer = try await fixture.complete(
                #"{"prompt":"x","max_tokens":20,"logprobs":1,"temperature":0,"ignore_eos":true}"#)
            let lists = try #require(answer["choices", "0", "logprobs"] as? [String: Any])
            let values = try #require(lists["token_logprobs"] as? [Double])
            let tops = try #require(lists["top_logprobs"] as? [[String: Double]])
            #expect(values.count == 20 && values == tops.map { $0.values.max() })
        }
    }

    @Test func endsBeforeAStopText() async throws {
        try await GenerationFixture.with { fixture in
            var tried = 0
            for seed in 0..<12 {
                let rest = #""prompt":"on","max_tokens":40,"ignore_eos":true,"temperature":0.8"#
                let plain = try await fixture.complete(#"{\#(rest),"seed":\#(seed)}"#)
                let text = try #require(plain.texts.first)
                let letters = Array(text)
                guard
                    let place = (4..<max(letters.count - 2, 5)).first(where: { place in
                        place + 1 < letters.count && letters[place].isASCII && letters[place + 1].isASCII
                            && letters[place].isLetter && letters[place + 1].isLetter
                    })
                else { continue }
                let stop = String(letters[place...place + 1])
                tried += 1
                let end = try #require(text.range(of: stop)).lowerBound
                for stream in [false, true] {
                    let answer = try await fixture.complete(
                        #"{\#(rest),"seed":\#(seed),"stop":["\#(stop)"],"stream":\#(stream)}"#)
                    let found =
                        stream ? answer.events.joined { $0["text"] as? String }[0] : answer.texts.first
                    #expect(found == String(text[..<end]))
                    let finish =
                        stream
                        ? (answer.events.last?["choices"] as? [[String: Any]])?.first?["finish_reason"]
                        : answer["choices", "0", "finish_reason"]
                    #expect(finish as? String == "stop")
                }
            }
            #expect(tried > 3)
        }
    }

    /// The pieces of a stream are together the text that is given at once; none ends inside a character.
    @Test func streamsTheSameText() async throws {
        try await GenerationFixture.with { fixture in
            for seed in 0..<6 {
                let rest =
                    #""prompt":["éa","b"],"n":2,"max_tokens":30,"seed":\#(seed),"logprobs":1,"echo":\#(seed % 2 == 0)"#
                let whole = try await fixture.complete("{\(rest)}")
                let stream = try await fixture.complete(
                    #"{\#(rest),"stream":true,"stream_options":{"include_usage":true}}"#)
                #expect(stream.status == 200 && stream.endsWell)
                #expect(stream.headers[.contentType] == "text/event-stream")
                #expect(stream.headers[.cacheControl] == "no-cache")
                let events = stream.events
                let texts = events.joined { $0["text"] as? String }
                #expect((0..<4).map { texts[$0] ?? "" } == whole.texts)
                #expect(Set(events.compactMap { $0["id"] as? String }).count == 1)
                for (index, choice) in whole.choices.enumerated() {
                    let own = events.flatMap { $0["choices"] as? [[String: Any]] ?? [] }.filter {
                        $0["index"] as? Int == index
                    }
                    let tokens = own.flatMap {
                        ($0["logprobs"] as? [String: Any])?["tokens"] as? [String] ?? []
                    }
                    let expected = (choice["logprobs"] as? [String: Any])?["tokens"] as? [String]
                    #expect(tokens == expected)
                    let finishes = own.compactMap { $0["finish_reason"] as? String }
                    #expect(finishes == [choice["finish_reason"] as? String])
                }
                let usage = try #require(events.last?["usage"] as? [String: Any])
                #expect(usage["total_tokens"] as? Int == whole["usage", "total_tokens"] as? Int)
            }
        }
    }

    @Test func bestOfGivesTheLikeliest() async throws {
        try await GenerationFixture.with { fixture in
            let rest = #""prompt":"on","max_tokens":8,"seed":2,"logprobs":0"#
            let all = try await fixture.complete(#"{\#(rest),"n":5}"#)
            let best = try await fixture.complete(#"{\#(rest),"n":2,"best_of":5}"#)
            let ranks = all.choices.map { choice -> Double in
                let values = (choice["logprobs"] as? [String: Any])?["token_logprobs"] as? [Double] ?? []
                return values.reduce(0, +) / Double(max(values.count, 1))
            }
            let order = ranks.indices.sorted { ranks[$0] > ranks[$1] }
            #expect(best.texts == order.prefix(2).map { all.texts[$0] })
            #expect(
                best["usage", "completion_tokens"] as? Int == all["usage", "completion_tokens"] as? Int)
        }
    }

    // MARK: What is refused

    private static let refused: [(body: String, code: String, parameter: String?)] = [
        ("{", "invalid_json", nil), ("[]", "invalid_type", "body"),
        ("{}", "missing_required_parameter", "prompt"),
        (#"{"prompt":3}"#, "invalid_type", "prompt"), (#"{"prompt":[]}"#, "invalid_value", "prompt"),
        (#"{"prompt":[1,"x"]}"#, "invalid_type", "prompt"), (#"{"prompt":[300]}"#, "invalid_value", "prompt"),
        (#"{"prompt":[[]]}"#, "invalid_value", "prompt"), (#"{"prompt":[-1]}"#, "invalid_value", "prompt"),
        (#"{"prompt":"x","max_tokens":0}"#, "invalid_value", "max_tokens"),
        (#"{"prompt":"x","max_tokens":-1}"#, "invalid_value", "max_tokens"),
        (#"{"prompt":"x","max_tokens":1.5}"#, "invalid_type", "max_tokens"),
        (#"{"prompt":"x","max_tokens":500}"#, "context_length_exceeded", "max_tokens"),
        (#"{"prompt":"x","temperature":"hot"}"#, "invalid_type", "temperature"),
        (#"{"prompt":"x","temperature":-1}"#, "invalid_value", "temperature"),
        (#"{"prompt":"x","top_p":2}"#, "invalid_value", "top_p"),
        (#"{"prompt":"x","n":0}"#, "invalid_value", "n"),
        (#"{"prompt":"x","n":1000}"#, "invalid_value", "n"),
        (#"{"prompt":["x","y"],"n":100}"#, "invalid_value", "n"),
        (#"{"prompt":"x","n":3,"best_of":2}"#, "invalid_value", "best_of"),
        (#"{"prompt":"x","best_of":2,"stream":true}"#, "invalid_value", "best_of"),
        (#"{"prompt":"x","stop":3}"#, "invalid_type", "stop"),
        (#"{"prompt":"x","stop":["a",1]}"#, "invalid_type", "stop"),
        (#"{"prompt":"x","seed":"y"}"#, "invalid_type", "seed"),
        (#"{"prompt":"x","logprobs":true}"#, "invalid_type", "logprobs"),
        (#"{"prompt":"x","logit_bias":{"a":1}}"#, "invalid_value", "logit_bias"),
        (#"{"prompt":"x","logit_bias":{"1":101}}"#, "invalid_value", "logit_bias"),
        (#"{"prompt":"x","stream_options":{"include_usage":true}}"#, "invalid_value", "stream_options"),
        (#"{"prompt":"x","suffix":"y"}"#, "unsupported_parameter", "suffix"),
        (#"{"prompt":"x","min_p":0.1}"#, "unsupported_parameter", "min_p"),
        (#"{"prompt":"x","detox":{}}"#, "unsupported_parameter", "detox"),
        (#"{"prompt":"x","prompt_logprobs":1}"#, "unsupported_parameter", "prompt_logprobs"),
        (#"{"prompt":"x","temprature":1}"#, "unknown_parameter", "temprature"),
        (#"{"prompt":"x","theriac":3}"#, "invalid_type", "theriac"),
        (#"{"prompt":"x","theriac":{"chian":[]}}"#, "unknown_parameter", "chian"),
        (#"{"prompt":"x","theriac":{"adapter":"a"}}"#, "invalid_value", "theriac.adapter"),
        (#"{"prompt":"x","theriac":{"chain":["nothing"]}}"#, "invalid_chain", "theriac.chain"),
        (#"{"prompt":"x","theriac":{"chain":[3]}}"#, "invalid_chain", "theriac.chain"),
        (
            #"{"prompt":"x","theriac":{"chain":{"method":"dexperts","alpha":"x"}}}"#, "invalid_chain",
            "theriac.chain"
        ),
        (
            #"{"prompt":"x","theriac":{"chain":{"method":"dexperts","alhpa":1}}}"#, "invalid_chain",
            "theriac.chain"
        ),
        (
            #"{"prompt":"x","theriac":{"chain":{"method":"word-filter","words":"/etc/passwd"}}}"#,
            "invalid_chain", "theriac.chain"
        ),
        (
            #"{"prompt":"x","theriac":{"chain":{"method":"dexperts","expert":"../experts/toxic"}}}"#,
            "invalid_chain", "theriac.chain"
        ),
        (
            #"{"prompt":"x","theriac":{"chain":["rejection","best-of-n"]}}"#, "invalid_chain", "theriac.chain"
        ),
        // The shipped experts belong to another model.
        (#"{"prompt":"x","theriac":{"chain":["dexperts"]}}"#, "invalid_chain", "theriac.chain"),
        (
            #"{"prompt":"x","theriac":{"chain":{"method":"best-of-n","count":1000}}}"#, "invalid_value", "n"
        ),
    ]

    @Test func saysWhatIsWrong() async throws {
        try await GenerationFixture.with { fixture in
            for (body, code, parameter) in Self.refused {
                let answer = try await fixture.complete(body)
                #expect(answer.status == 400, "\(body) → \(answer.body)")
                #expect(answer["error", "code"] as? String == code, "\(body) → \(answer.body)")
                #expect(answer["error", "param"] as? String == parameter, "\(body) → \(answer.body)")
                #expect(answer["error", "type"] as? String == "invalid_request_error")
            }
            let other = try await fixture.complete(#"{"prompt":"x","model":"gpt"}"#)
            #expect(other.status == 404 && other["error", "code"] as? String == "model_not_found")
            // And it goes on.
            #expect(try await fixture.complete(#"{"prompt":"x"}"#).status == 200)
        }
        let none = try await ServerFixture().ask(.post, "/v1/completions", #"{"prompt":"x"}"#)
        #expect(none.status == 404 && none["error", "code"] as? String == "model_not_found")
    }

    /// A prompt as long as the context can be scored: the one token after it is never read.
    @Test func scoresAPromptThatFillsTheContext() async throws {
        try await GenerationFixture.with { fixture in
            let full = "[\((0..<128).map { "\($0)" }.joined(separator: ","))]"
            let answer = try await fixture.complete(
                #"{"prompt":\#(full),"max_tokens":1,"echo":true,"logprobs":1}"#)
            #expect(answer.status == 200)
            #expect((answer["choices", "0", "logprobs", "tokens"] as? [Any])?.count == 129)
            let over = try await fixture.complete(#"{"prompt":\#(full.dropLast()),5],"max_tokens":1}"#)
            #expect(over.status == 400 && over["error", "code"] as? String == "context_length_exceeded")
        }
    }
}
