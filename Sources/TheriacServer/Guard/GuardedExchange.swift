internal import Foundation
internal import HTTPTypes
internal import TheriacDetection
internal import TheriacFiles
internal import TheriacRemote

/// One request through the gate: its input is judged, its source is asked, and its answer is judged.
struct GuardedExchange: Sendable {
    let settings: GuardServingSettings
    let source: any AnswerSource
    let session: GateSession
    var request: GuardedRequest

    /// - Throws: ``UpstreamFailure``, ``HandedOn``, ``ServerError``, ``OpenAIError``.
    func run() async throws -> ServerResponse {
        var exchange = self
        var report = GuardReport(policy: session.gate.identity)
        report.input = try await exchange.checkInput()
        if let finding = report.input {
            switch finding.action {
            case .refuse: return refusal(finding, report)
            case .safeReply: return safeReply(finding, report)
            default: break
            }
        }
        return try await request.isStream && !settings.stream.whole
            ? exchange.streamed(report) : exchange.whole(report)
    }

    // MARK: Input

    /// Judges the request's texts, and rewrites those the policy wants rewritten.
    private mutating func checkInput() async throws -> GateFinding? {
        let texts = request.texts
        var findings = try await session.findings(texts.map(\.text), .input)
        for place in texts.indices {
            var text = texts[place].text
            var attempt = 0
            session.record(findings[place], text)
            while findings[place].action == .rewrite, let rewriter = session.gate.rewriter {
                text = try await rewriter.rewrite(text, attempt: attempt) ?? text
                attempt += 1
                guard let next = try await session.findings([text], .input, attempt: attempt).first else {
                    throw ServerError.failed
                }
                session.record(next, text)
                findings[place] = next
            }
            if text != texts[place].text { request.replace(texts[place], with: text) }
        }
        return findings.reduce(nil) { worst, next in next.isWorse(than: worst) ? next : worst }
    }

    /// No answer, and a sentence that says so.
    private func refusal(_ finding: GateFinding, _ report: GuardReport) -> ServerResponse {
        let error = OpenAIError(
            status: 400,
            message: session.reply(finding) ?? "The request was refused by the policy of this server.",
            code: "content_filter")
        var response = error.response
        response.body = JSONSplice.adding("theriac", report.json.bytes, to: response.body)
        return signed(response, report)
    }

    /// One of the policy's sentences in place of an answer; the source is not asked.
    private func safeReply(_ finding: GateFinding, _ report: GuardReport) -> ServerResponse {
        let text = session.reply(finding) ?? ""
        let choices = (0..<request.choices).map { GuardedChoice.made(request.kind, index: $0, text: text) }
        let nothing = JSONValue.integer(0)
        let value = JSONValue.object([
            "id": .string("\(request.kind.idPrefix)-\(session.scope.requestID)"),
            "object": .string(request.kind.object),
            "created": .integer(Int(Date().timeIntervalSince1970)), "model": .string(request.model),
            "choices": .array(choices.map(\.value)),
            "usage": .object([
                "prompt_tokens": nothing, "completion_tokens": nothing, "total_tokens": nothing,
            ]),
        ])
        return answer(value.bytes, value, report)
    }

    // MARK: A whole answer

    /// Asks for the whole answer, judges it, and answers as it was asked.
    func whole(
        _ report: GuardReport, _ first: SourcedAnswer? = nil
    ) async throws -> ServerResponse {
        let answer: SourcedAnswer
        if let first { answer = first } else { answer = try await ask(isStream: false) }
        let bytes = try await answer.collect()
        var (value, choices) = try Self.choices(bytes, request.kind)
        var report = report
        report.isOwn = answer.isOwn
        var open = Array(choices.indices)
        var attempt = 0
        var isChanged = false
        while !open.isEmpty {
            let texts = open.map { choices[$0].texts }
            let findings = try await session.findings(texts.flatMap(\.self), .output, attempt: attempt)
            var next = findings.makeIterator()
            var again: [Int] = []
            var rewritten: [Int] = []
            for (place, texts) in zip(open, texts) {
                var worst: (finding: GateFinding, text: String)?
                for text in texts {
                    guard let finding = next.next() else { throw ServerError.failed }
                    if finding.isWorse(than: worst?.finding) { worst = (finding, text) }
                }
                guard let (finding, text) = worst else { continue }
                session.record(finding, text)
                report.output[choices[place].index] = finding
                switch finding.action {
                case .pass, .flag: break
                case .resample: again.append(place)
                case .safeReply, .refuse:
                    isChanged = true
                    choices[place] = choices[place].replaced(
                        by: session.reply(finding) ?? "", isWithheld: true)
                case .rewrite:
                    rewritten.append(place)
                    if let other = try await session.gate.rewriter?.rewrite(
                        choices[place].text, attempt: attempt)
                    {
                        isChanged = true
                        choices[place] = choices[place].replaced(by: other, isWithheld: false)
                    }
                }
            }
            attempt += 1
            if !again.isEmpty {
                isChanged = true
                again.sort { choices[$0].index < choices[$1].index }
                let (body, places) = request.again(
                    for: again.map { choices[$0].index }, attempt: attempt)
                let other = try await Self.choices(
                    ask(body, isStream: false).collect(), request.kind)
                let drawn = other.choices.sorted { $0.index < $1.index }
                // A server that gives fewer than it is asked for leaves the others to the next attempt.
                for (open, place) in zip(again, places) where drawn.indices.contains(place) {
                    let index = choices[open].index
                    if answer.isOwn {
                        value = GuardReport.redrawn(value, index, as: drawn[place].index, of: other.value)
                    }
                    choices[open] = drawn[place].numbered(index)
                }
                value = value.with("usage", Self.sum(value["usage"], other.value["usage"]))
            }
            open = again + rewritten
        }
        guard isChanged else { return self.answer(bytes, value, report, carrying: answer) }
        value = value.with("choices", .array(choices.map(\.value)))
        return self.answer(value.bytes, value, report, carrying: answer)
    }

    private static func choices(
        _ bytes: [UInt8], _ kind: GuardedRequest.Kind
    ) throws -> (value: JSONValue, choices: [GuardedChoice]) {
        guard let value = try? JSONValue(bytes: bytes), value.members != nil else {
            throw UpstreamFailure.damaged("it is no JSON object")
        }
        guard let list = value["choices"]?.elements, list.allSatisfy({ $0.members != nil }) else {
            throw UpstreamFailure.damaged("it has no list 'choices'")
        }
        var choices: [GuardedChoice] = []
        for (place, element) in list.enumerated() {
            let choice = GuardedChoice(kind: kind, value: element)
            choices.append(element["index"] == nil ? choice.numbered(place) : choice)
        }
        return (value, choices)
    }

    /// Tokens of all attempts: they were computed.
    private static func sum(_ one: JSONValue?, _ other: JSONValue?) -> JSONValue? {
        guard var members = one?.members else { return one }
        for name in ["prompt_tokens", "completion_tokens", "total_tokens"] {
            guard let first = members[name]?.whole, let second = other?[name]?.whole else { continue }
            members[name] = .integer(first &+ second)
        }
        return .object(members)
    }

    // MARK: Asking

    /// Asks the source.
    ///
    /// - Parameter body: nil for the request as it is.
    /// - Throws: ``HandedOn`` with the answer when the source refuses the caller's request.
    func ask(_ body: [UInt8]? = nil, isStream: Bool) async throws -> SourcedAnswer {
        var body = body ?? request.body
        if !isStream, request.isStream {
            // Resampled bodies and the first alike.
            body = try JSONValue(bytes: body).with("stream", nil).with("stream_options", nil).bytes
        }
        return try await source.answer(body, request.kind, isStream: isStream)
    }

    // MARK: Answering

    /// An answer with its report, as one value or as the events of a stream.
    private func answer(
        _ bytes: [UInt8], _ value: JSONValue, _ report: GuardReport,
        carrying head: SourcedAnswer? = nil
    ) -> ServerResponse {
        var response = ServerResponse(contentType: "application/json", body: [])
        if request.isStream {
            response.contentType = "text/event-stream; charset=utf-8"
            response.headers[.cacheControl] = "no-cache"
            response.body = AnswerEvents.of(value, request, report)
        } else {
            response.body = report.added(to: bytes, value)
        }
        head?.carry(&response)
        return signed(response, report)
    }

    func signed(_ response: ServerResponse, _ report: GuardReport) -> ServerResponse {
        var response = response
        session.gate.sign(&response)
        report.sign(&response)
        return response
    }
}
