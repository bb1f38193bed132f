import Foundation
import HTTPTypes
import Synchronization
import Theriac
import TheriacDetox
import TheriacModels
import TheriacOptions
import TheriacGeneration
import TheriacTesting
import TheriacTokenizers
import Testing

@testable import TheriacServer

@Suite struct GenerationHostTests {
    private func ask(_ fixture: GenerationFixture, _ count: Int, tokens: Int) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for place in 0..<count {
                group.addTask {
                    try await fixture.complete(
                        #"{"prompt":"p \#(place)","max_tokens":\#(tokens),"ignore_eos":true}"#)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Over the bound callers are told to come back, and everybody else is served.
    @Test func refusesWhatTheQueueCannotHold() async throws {
        try await GenerationFixture.with({
            $0.queue = 2
            $0.batchRows = 1
        }) { fixture in
            let answers = try await ask(fixture, 12, tokens: 40)
            let refused = answers.filter { $0.status == 429 }
            #expect(!refused.isEmpty && refused.count < 12)
            for answer in refused {
                #expect(answer["error", "type"] as? String == "rate_limit_error")
                #expect(Int(answer.headers[.retryAfter] ?? "").map { (1...60).contains($0) } == true)
            }
            let served = answers.filter { $0.status != 429 }
            #expect(served.allSatisfy { $0.status == 200 && $0["usage", "completion_tokens"] as? Int == 40 })
            // Nothing is left in the count.
            #expect(try await ask(fixture, 2, tokens: 3).allSatisfy { $0.status == 200 })
        }
    }

    @Test func givesUpAtTheDeadline() async throws {
        try await GenerationFixture.with({ $0.deadlineSeconds = 0.001 }) { fixture in
            let answer = try await fixture.complete(#"{"prompt":"x","max_tokens":100,"ignore_eos":true}"#)
            #expect(answer.status == 503 && answer["error", "code"] as? String == "overloaded")
        }
    }

    /// A stop finishes what was accepted, and lets nothing else in.
    @Test func finishesWhatWasAccepted() async throws {
        try await GenerationFixture.with { fixture in
            let host = try #require(fixture.server.server.services.generation)
            async let first = fixture.complete(#"{"prompt":"x","max_tokens":100,"ignore_eos":true}"#)
            while host.metrics.promptTokens.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
            await host.close()
            let answer = try await first
            #expect(answer.status == 200 && answer["usage", "completion_tokens"] as? Int == 100)
            let late = try await fixture.complete(#"{"prompt":"x"}"#)
            #expect(late.status == 503 && late.headers[.retryAfter] == "1")
        }
    }

    /// A caller that goes away takes its rows along.
    @Test func aCancelledJobLeavesTheBatch() async throws {
        try await GenerationFixture.with { fixture in
            let host = try #require(fixture.server.server.services.generation)
            let task = Task {
                try await fixture.complete(
                    #"{"prompt":"x","n":100,"max_tokens":120,"ignore_eos":true,"stream":true}"#)
            }
            while host.metrics.generatedTokens.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            _ = try? await task.value
            for _ in 0..<2000 where host.metrics.running.load(ordering: .relaxed) > 0 {
                try await Task.sleep(for: .milliseconds(1))
                _ = try await fixture.complete(#"{"prompt":"x","max_tokens":1}"#)
                if host.metrics.finished.all.reduce(0, { $0 + $1.value }) > 0 { break }
            }
            #expect(host.metrics.generatedTokens.value < 100 * 120)
        }
    }

    // MARK: Chains

    @Test func saysWhatWasDone() async throws {
        try await GenerationFixture.with { fixture in
            let plain = try await fixture.complete(#"{"prompt":"x","max_tokens":5,"seed":1}"#)
            #expect(plain["theriac", "chain"] as? String == "none")
            #expect(plain["theriac", "adapter"] is NSNull)
            #expect((plain["theriac", "revision"] as? String)?.hasPrefix("sha256:") == true)
            let filtered = try await fixture.complete(
                #"{"prompt":"x","max_tokens":5,"seed":1,"theriac":{"chain":["word-filter",{"method":"rejection","threshold":0,"tries":3}]}}"#
            )
            #expect(filtered.status == 200, "\(filtered.body)")
            #expect(
                filtered["theriac", "chain"] as? String == "word-filter → rejection (threshold: 0, tries: 3)")
            let methods = filtered["theriac", "methods"] as? [[String: Any]]
            #expect(methods?.map { $0["name"] as? String } == ["word-filter", "rejection"])
            let detectors = try #require(filtered["theriac", "detectors"] as? [String])
            #expect(detectors.count == 1 && detectors[0].hasPrefix("steer@"))
            // Nothing is below a threshold of 0: three draws, and the best of them is given.
            #expect(filtered["theriac", "choices", "0", "resampled"] as? Int == 2)
            #expect(filtered["theriac", "choices", "0", "withheld"] as? Bool == true)
            #expect(filtered["choices", "0", "finish_reason"] as? String == "content_filter")
            let stream = try await fixture.complete(
                #"{"prompt":"x","max_tokens":5,"seed":1,"stream":true,"theriac":{"chain":"word-filter"}}"#)
            let last = try #require(stream.events.last?["theriac"] as? [String: Any])
            #expect(last["chain"] as? String == "word-filter")
        }
    }

    @Test func theOperatorsChainIsTheDefault() async throws {
        try await GenerationFixture.with({
            $0.chain = [try? DecodingStep(name: "word-filter")].compactMap { $0 }
            $0.requestChains = false
        }) { fixture in
            let answer = try await fixture.complete(#"{"prompt":"x","max_tokens":2}"#)
            #expect(answer["theriac", "chain"] as? String == "word-filter")
            let other = try await fixture.complete(#"{"prompt":"x","theriac":{"chain":[]}}"#)
            #expect(other.status == 400 && other["error", "code"] as? String == "invalid_chain")
        }
    }

    /// Chains beside each other do not disturb each other, and more of them than are kept come and go.
    @Test func chainsShareABatch() async throws {
        try await GenerationFixture.with({ $0.chains = 2 }) { fixture in
            let chains = [
                "[]", #"["word-filter"]"#, #"[{"method":"streaming-guard","threshold":0.9,"window":4}]"#,
            ]
            func body(_ chain: String) -> String {
                #"{"prompt":"on","max_tokens":20,"seed":4,"theriac":{"chain":\#(chain)}}"#
            }
            var alone: [[String]] = []
            for chain in chains { alone.append(try await fixture.complete(body(chain)).texts) }
            for _ in 0..<3 {
                async let first = fixture.complete(body(chains[0]))
                async let second = fixture.complete(body(chains[1]))
                #expect(try await [first.texts, second.texts] == Array(alone.prefix(2)))
            }
            #expect(try await fixture.complete(body(chains[2])).texts == alone[2])
            let rows = try await fixture.server.ask(.get, "/metrics").body
            #expect(rows.contains("theriac_generation_rows{model=\"tiny\"} "))
        }
    }

    @Test func countsWhatItWrites() async throws {
        try await GenerationFixture.with { fixture in
            _ = try await fixture.complete(
                #"{"prompt":[1,2,3],"max_tokens":7,"ignore_eos":true,"echo":true,"logprobs":0}"#)
            let text = try await fixture.server.ask(.get, "/metrics").body
            for line in [
                #"theriac_tokens_total{model="tiny",kind="prompt"} 3"#,
                #"theriac_tokens_total{model="tiny",kind="generated"} 7"#,
                #"theriac_tokens_total{model="tiny",kind="scored"} 2"#,
                #"theriac_generation_queue_depth{model="tiny"} 0"#,
                #"theriac_time_to_first_token_seconds_count{model="tiny"} 1"#,
                #"vllm:generation_tokens_total{model_name="tiny",engine="0"} 7"#,
                #"vllm:request_success_total{model_name="tiny",engine="0",finished_reason="length"} 1"#,
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
            #expect(try await fixture.server.ask(.get, "/health").status == 200)
        }
    }

    // MARK: Parts

    /// Any cut of a text into tokens gives pieces that join to it, whole characters all.
    @Test func textStreamsHoldBack() throws {
        let tokenizer = try TinyModel().load().tokenizer
        for (text, stops) in [
            ("the naïve café 🙂🙂 end", []), ("ab ab abc", ["abd"]), ("aaaab", ["aab "]),
            ("x\nUse", ["\nUser:"]),
            ("🙂é", ["🙃"]),
        ] as [(String, [String])] {
            let tokens = tokenizer.encode(text)
            var stream = TextStream(tokenizer, stops: stops)
            var joined = ""
            for count in 1...tokens.count {
                let piece = stream.piece(of: [tokens[count - 1]])
                #expect(!piece.unicodeScalars.contains("\u{FFFD}"))
                joined += piece
                #expect(text.hasPrefix(joined))
                // What may be a stop text's beginning is not given out.
                var written = tokenizer.decode(Array(tokens.prefix(count)))
                while written.hasSuffix("\u{FFFD}") { written.removeLast() }
                let held = written.count - joined.count
                for stop in stops {
                    let longest = (1..<max(stop.count, 2)).last { written.hasSuffix(String(stop.prefix($0))) }
                    #expect(held >= (stop.count > 1 ? longest ?? 0 : 0))
                }
            }
            #expect(joined + stream.rest(of: text) == text)
        }
    }

    /// Two chains in memory for two rows: never more is taken than there is, and the one that has none gets its turn although
    /// the other has always more to write.
    @Test func chainsShareTheMemory() async throws {
        let model = try TinyModel(settings: ["n_positions": .integer(128)])
        var order = GenerationOrder(id: "a", tokens: [5, 6, 7, 8])
        order.maxNewTokens = 16
        order.ignoresEndOfText = true
        let probe = try DecodeLoop(try model.load(), newTokens: 128, batchRows: 4, memory: 1)
        _ = probe.add(order)
        _ = try probe.turn()
        var settings = GenerationServingSettings()
        settings.memory = 2.5 * Double(probe.memoryTaken) / 1_073_741_824
        let worker = GenerationWorker(
            try ServedModels(settings, model: model.folder.path), settings, assets: try AssetFolder(),
            metrics: GenerationMetrics(model: "tiny"))
        let chains = [
            ChainChoice(adapter: nil, steps: []),
            ChainChoice(
                adapter: nil,
                steps: [try DecodingStep.read(.string("word-filter"), path: "", source: "the test")]),
        ]
        func job(_ chain: Int, _ seed: UInt64) -> GenerationJob {
            var order = order
            order.seed = seed
            return GenerationJob(
                choice: chains[chain], prompts: [.tokens([5, 6, 7, 8])], template: order,
                hasStatedLimit: true, deadline: .now + .seconds(300))
        }
        for seed in 0..<4 { worker.admit(job(0, UInt64(seed))) }
        var most = 0
        var turns = 0
        let other = job(1, 1)
        let isDone = Tally()
        let reader = Task {
            while try await other.next() != nil {}
            isDone.set()
        }
        while !isDone.value, turns < 2000 {
            if turns == 5 { worker.admit(other) }
            // There is always more for the first chain.
            if turns % 4 == 0 { worker.admit(job(0, UInt64(100 + turns))) }
            #expect(worker.turn() != .idle)
            most = max(most, worker.memoryTaken)
            turns += 1
            await Task.yield()
        }
        #expect(isDone.value)
        try await reader.value
        let given = settings.memory * 1_073_741_824
        #expect(Double(most) <= given && Double(most) > 0.7 * given)
        while worker.turn() != .idle {}
        #expect(worker.memoryTaken == 0)
    }

    private final class Tally: Sendable {
        private let flag = Mutex(false)
        var value: Bool { flag.withLock { $0 } }
        func set() { flag.withLock { $0 = true } }
    }

    @Test func readsItsSettings() throws {
        let settings = try ServerSettings.load(
            file: nil, environment: ["THERIAC_SERVE_GENERATION__MODEL": "theriac-lm"],
            flags: [
                "generation.chain": .list([.string("word-filter")]),
                "generation.adapters": .object(["polite": .string("a/b")]),
            ])
        #expect(settings.generation.model == "theriac-lm")
        #expect(settings.generation.chain.map(\.name) == ["word-filter"])
        #expect(throws: OptionsError.self) {
            _ = try ServerSettings.load(
                file: nil, environment: [:], flags: ["generation.chain": .list([.string("word-filter")])])
        }
        let folder = try TemporaryFolder()
        let file = try folder.write("generation: {model: ./lm, adapters: {a: sub/x}}", to: "server.yaml")
        let read = try ServerSettings.load(file: file, environment: [:])
        #expect(read.generation.model == folder.url.appendingPathComponent("lm").standardizedFileURL.path)
        #expect(
            read.generation.adapters["a"]
                == folder.url.appendingPathComponent("sub/x").standardizedFileURL.path)
    }
}
