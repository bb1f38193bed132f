import Synchronization
import TheriacDetection
import TheriacOptions
import TheriacTesting
import Testing

@testable import TheriacServer

/// What holds of every stream, whatever its text and its pieces.
@Suite struct StreamFilterTests {
    /// Everything a reader got, in order, and what the judge was shown.
    private struct Outcome: Equatable {
        var shown = ""
        var finish: String?
        var wantsAgain = false
    }

    private static let policy = try? Policy(
        .object([
            "safe-replies": .object(["sorry": .list([.string("[sorry]")])]),
            "output": .list([
                .object([
                    "attribute": .string("toxicity"), "from": .number(0.8), "action": .string("refuse"),
                    "reply": .string("sorry"),
                ]),
                .object([
                    "attribute": .string("threat"), "from": .number(0.8), "action": .string("resample"),
                    "otherwise": .string("refuse"),
                ]),
            ]),
        ]), source: "test")

    private final class Judge: Sendable {
        let clean = Mutex<[String]>([])

        func judge(_ texts: [String], _ attempt: Int) throws -> [GateFinding] {
            let policy = try #require(StreamFilterTests.policy)
            return texts.map { text in
                let scores = WordDetector.scores(text)
                let decision = policy.decision(.output, .scored(scores), attempt: attempt)
                if decision.action.letsThrough { clean.withLock { $0.append(text) } }
                return GateFinding(
                    decision: decision, scores: scores, stage: .judge,
                    detector: DetectorIdentity(name: "words", version: "1", hash: "00"), attempt: attempt,
                    latency: .zero)
            }
        }
    }

    private func filter(_ judge: Judge, _ settings: HoldBackSettings, expected: Int = 1) -> StreamFilter {
        StreamFilter(
            .chat, settings, expected: expected, judge: { try judge.judge($0, $1) },
            reply: { $0.decision.reply(choice: 0) }, report: { _, finding, _ in finding.json })
    }

    /// - Returns: what came of it; every step is checked on the way.
    private func run(
        _ pieces: [String], _ settings: HoldBackSettings, text: String
    ) async throws -> Outcome {
        let judge = Judge()
        var filter = filter(judge, settings)
        var body = ""
        for event in Wire.chatEvents(pieces) {
            let output = try await filter.take(Array(event.utf8))
            if filter.wantsAgain { return Outcome(wantsAgain: true) }
            if output.isEmpty, !filter.isOver { continue }
            body += output.map { "data: \(String(decoding: $0, as: UTF8.self))\n\n" }.joined()
            let read = Wire.read(body)
            if read.finish == nil, !read.text.isEmpty {
                // What is shown was judged, with what stands behind it.
                #expect(
                    judge.clean.withLock { clean in
                        clean.contains {
                            $0.unicodeScalars.starts(with: read.text.unicodeScalars)
                                && $0.unicodeScalars.count >= read.text.unicodeScalars.count + settings.window
                                || Array($0.unicodeScalars) == Array(text.unicodeScalars)
                        }
                    })
            }
            if filter.isOver { break }
        }
        if !filter.isOver {
            let rest = try await filter.finish(isDone: true)
            body += rest.map { "data: \(String(decoding: $0, as: UTF8.self))\n\n" }.joined()
        }
        let read = Wire.read(body)
        return Outcome(shown: read.text, finish: read.finish)
    }

    private static let parts = [
        "good", "day", "garden", "grün", "日本語", "👩‍👩‍👧", "e\u{301}te", "a", ",", "\n\n", "   ",
        "a-very-long-word-without-any-blank-in-it-that-goes-on-and-on",
    ]

    private func text(_ random: inout SplitMix64, bad: String?) -> String {
        var words = (0..<Int(random.next() % 60 + 1)).map { _ in
            Self.parts[Int(random.next() % UInt64(Self.parts.count))]
        }
        if let bad { words.insert(bad, at: Int(random.next() % UInt64(words.count + 1))) }
        return words.joined(separator: " ")
    }

    private func cut(_ text: String, _ random: inout SplitMix64, most: UInt64) -> [String] {
        var pieces: [String] = []
        var scalars = Array(text.unicodeScalars)[...]
        while !scalars.isEmpty {
            let count = min(scalars.count, Int(random.next() % most + 1))
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars.prefix(count))
            pieces.append(String(view))
            scalars = scalars.dropFirst(count)
        }
        return pieces
    }

    @Test(arguments: 0..<24)
    func piecesDoNotChangeTheResult(seed: Int) async throws {
        var random = SplitMix64(seed: UInt64(seed) &* 7919 &+ 1)
        let bad = ["vile", "menace", nil][seed % 3]
        let text = text(&random, bad: bad)
        let settings = HoldBackSettings(
            window: Int(random.next() % 30), stride: Int(random.next() % 20 + 1), context: 100_000)
        var outcomes: [Outcome] = []
        for most in [1, 3, 17, 1000] as [UInt64] {
            outcomes.append(try await run(cut(text, &random, most: most), settings, text: text))
        }
        for outcome in outcomes { #expect(outcome == outcomes[0]) }
        let outcome = outcomes[0]
        switch bad {
        case nil: #expect(outcome == Outcome(shown: text, finish: "stop"))
        case "vile":
            #expect(outcome.finish == "content_filter" && !outcome.shown.contains("vile"))
            let own = outcome.shown.replacing("\n\n[sorry]", with: "").replacing("[sorry]", with: "")
            #expect(outcome.shown.hasSuffix("[sorry]"))
            #expect(text.unicodeScalars.starts(with: own.unicodeScalars))
        default:
            // Asked for anew while nothing was shown, else refused: and never both.
            if !outcome.wantsAgain {
                #expect(outcome.finish == "content_filter" && !outcome.shown.contains("menace"))
                #expect(!outcome.shown.isEmpty)
                #expect(text.unicodeScalars.starts(with: outcome.shown.unicodeScalars))
            }
        }
    }

    /// The beginning of a phrase is not shown before its end was seen.
    @Test func holdsBackWhatStandsBeforeTheWord() async throws {
        let text = "one two three four vile six seven eight nine ten"
        let wide = try await run([text], HoldBackSettings(window: 40, stride: 5), text: text)
        #expect(wide == Outcome(shown: "[sorry]", finish: "content_filter"))
        let narrow = try await run([text], HoldBackSettings(window: 0, stride: 5), text: text)
        #expect(narrow == Outcome(shown: "one two three four \n\n[sorry]", finish: "content_filter"))
    }

    /// A word is judged whole: `vile` stands in `vilest`, which is nobody's concern here.
    @Test func judgesWholeWords() async throws {
        let text = "he is the vilest of all people"
        for stride in 1...12 {
            let outcome = try await run([text], HoldBackSettings(window: 0, stride: stride), text: text)
            #expect(outcome == Outcome(shown: text, finish: "stop"))
        }
    }

    @Test func passesToolsRolesAndEverythingElseByteForByte() async throws {
        let events = [
            Wire.delta(#"{ "role":"assistant", "content":null }"#),
            Wire.delta(
                #"{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}"#
            ),
            Wire.delta(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"vile\": 1e0}"}}]}"#),
            Wire.delta("{}", finish: #""tool_calls""#),
        ]
        var filter = filter(Judge(), HoldBackSettings())
        var output: [String] = []
        for event in events {
            output += try await filter.take(Array(event.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        output += try await filter.finish(isDone: true).map { String(decoding: $0, as: UTF8.self) }
        #expect(output == events)
    }

    @Test func keepsAnswersApart() async throws {
        var filter = filter(Judge(), HoldBackSettings(window: 2, stride: 4), expected: 2)
        var body = ""
        let one = Wire.chatEvents(["a good ", "day to ", "you all"], index: 0)
        let two = Wire.chatEvents(["a vile ", "day to ", "you all"], index: 1)
        for event in zip(one, two).flatMap({ [$0, $1] }) {
            for data in try await filter.take(Array(event.utf8)) {
                body += "data: \(String(decoding: data, as: UTF8.self))\n\n"
            }
        }
        #expect(Wire.read(body, index: 0).text == "a good day to you all")
        #expect(Wire.read(body, index: 0).finish == "stop")
        #expect(Wire.read(body, index: 1).finish == "content_filter")
        #expect(!Wire.read(body, index: 1).text.contains("vile"))
        #expect(!filter.isOver)
    }

    /// Thoughts are a text of their own, shown before the answer.
    @Test func judgesThoughtsToo() async throws {
        var filter = filter(Judge(), HoldBackSettings(window: 50, stride: 10))
        var output: [String] = []
        for event in [
            Wire.delta(#"{"reasoning_content":"let me think"}"#), Wire.delta(#"{"content":"yes"}"#),
        ] {
            output += try await filter.take(Array(event.utf8)).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(output == [Wire.delta(#"{"reasoning_content":"let me think"}"#)])
        var other = self.filter(Judge(), HoldBackSettings(window: 50, stride: 10))
        _ = try await other.take(Array(Wire.delta(#"{"reasoning_content":"a vile one"}"#).utf8))
        _ = try await other.take(Array(Wire.delta(#"{"content":"yes"}"#).utf8))
        #expect(other.isOver)
    }

    @Test func refusesWhatIsNoEvent() async throws {
        for garbage in ["", "x", "[1]", #"{"choices":[1]}"#, #"{"choices":[{"index":7}]}"#, #"{"error":{}}"#]
        {
            var filter = filter(Judge(), HoldBackSettings())
            await #expect(throws: StreamProblem.self) { _ = try await filter.take(Array(garbage.utf8)) }
        }
        var filter = filter(Judge(), HoldBackSettings())
        _ = try await filter.take(Array(Wire.delta(#"{"content":"half"}"#).utf8))
        await #expect(throws: StreamProblem.brokenOff) { _ = try await filter.finish(isDone: false) }
    }
}

@Suite struct EventStreamTests {
    @Test func readsTheSameHoweverBytesAreCut() throws {
        let text =
            "\u{FEFF}: hello\r\ndata: {\"a\":\"grün 👩‍👩‍👧\"}\n\ndata:one\rdata: two\r\revent: x\nid: 1\n\ndata\n\ndata: [DONE]"
        let expected = ["{\"a\":\"grün 👩‍👩‍👧\"}", "one\ntwo", "", "[DONE]"]
        for size in 1...text.utf8.count {
            var stream = EventStreamReader()
            var events: [String] = []
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let taken = stream.take(Array(bytes.prefix(size)))
                let complete = try #require(taken)
                events += complete.map { String(decoding: $0, as: UTF8.self) }
                bytes = bytes.dropFirst(size)
            }
            if let last = stream.end() { events.append(String(decoding: last, as: UTF8.self)) }
            #expect(events == expected)
        }
    }

    @Test func refusesAnEventWithoutEnd() {
        var stream = EventStreamReader()
        let taken = stream.take(Array(repeating: 0x61, count: EventStreamReader.largestEvent + 1))
        #expect(taken == nil)
    }

    @Test func splicesIntoAnyObject() {
        let pairs = [
            ("{}", #"{"t":1}"#), (#"{ "a" : [ ] } "#, #"{ "a" : [ ] ,"t":1} "#), ("{ }", #"{ "t":1}"#),
        ]
        for (object, expected) in pairs {
            let made = JSONSplice.adding("t", Array("1".utf8), to: Array(object.utf8))
            #expect(String(decoding: made, as: UTF8.self) == expected)
        }
    }
}
