internal import TheriacDetection
internal import TheriacFiles

/// Lets a stream of answers through as far as it has been judged, and acts on what the policy objects to.
///
/// Events wait until all their text may be shown (``HoldBack``), and then go on byte for byte. Where the policy ends an
/// answer, the letters that may be shown are cut out of the event that waits, so that what a reader gets does not depend on
/// the pieces the text came in. Thoughts and answer are two texts; the one is judged to its end where the other begins.
struct StreamFilter {
    /// What has come of an answer so far.
    struct Choice {
        var waiting: [Event] = []
        var texts: [String: HoldBack] = [:]
        var finding: GateFinding?
        /// The text behind `finding`, for those who keep it.
        var judged = ""
        var hasStarted = false
        var callsTools = false
        var isOver = false
        /// Whether its report has been sent.
        var isReported = false
        /// Members that its events have in common.
        var head: JSONValue = .object([:])
    }

    struct Event {
        var payload: [UInt8]
        var value: JSONValue
        /// Where its text ends, in its field.
        var field: String?
        var end = 0
        var isFinish = false
        /// Says nothing by itself: a role, an empty text.
        var isQuiet: Bool
    }

    typealias Judge = @Sendable (_ texts: [String], _ attempt: Int) async throws -> [GateFinding]

    let kind: GuardedRequest.Kind
    let settings: HoldBackSettings
    let expected: Int
    let judge: Judge
    /// The sentence that a decision answers with.
    let reply: @Sendable (GateFinding) -> String?
    /// Called once for each answer, with the decision it ended with.
    let report: @Sendable (_ index: Int, GateFinding, _ text: String) -> JSONValue
    var choices: [Int: Choice] = [:]
    /// Events that belong to no answer, such as the count of tokens.
    private var trailer: [[UInt8]] = []
    /// How often the answer was asked for anew.
    private(set) var attempt = 0
    /// The answer is to be asked for anew; nothing of it was shown.
    var wantsAgain = false
    /// What this server's own model does to the texts; nil: the model is somebody else's.
    private var treatment: JSONValue?

    init(
        _ kind: GuardedRequest.Kind, _ settings: HoldBackSettings, expected: Int, judge: @escaping Judge,
        reply: @escaping @Sendable (GateFinding) -> String?,
        report: @escaping @Sendable (Int, GateFinding, String) -> JSONValue
    ) {
        self.kind = kind
        self.settings = settings
        self.expected = expected
        self.judge = judge
        self.reply = reply
        self.report = report
    }

    /// Whether nothing more of the model's can be shown: its answer may be left.
    var isOver: Bool { choices.count >= expected && choices.values.allSatisfy(\.isOver) }

    /// Whether every answer that began has come to its end.
    private var isComplete: Bool {
        !choices.isEmpty && choices.values.allSatisfy { $0.isOver || $0.isReported }
    }

    mutating func begin(attempt: Int, _ treatment: JSONValue? = nil) {
        self.attempt = attempt
        self.treatment = treatment
        wantsAgain = false
        choices = [:]
        trailer = []
    }

    /// Takes one event's data.
    ///
    /// - Returns: data of events to send on.
    /// - Throws: ``StreamProblem`` when it cannot be read; what the judge throws.
    mutating func take(_ payload: [UInt8]) async throws -> [[UInt8]] {
        guard let value = try? JSONValue(bytes: payload), value.members != nil else {
            throw StreamProblem.damaged("an event is no JSON object")
        }
        if let error = value["error"], error != .null { throw StreamProblem.failed }
        guard let list = value["choices"]?.elements, !list.isEmpty else {
            trailer.append(payload)
            return []
        }
        var output: [[UInt8]] = []
        for element in list {
            guard element.members != nil else { throw StreamProblem.damaged("a choice is no object") }
            let index = element["index"]?.whole ?? 0
            guard index >= 0, index < expected else {
                throw StreamProblem.damaged("a choice has a number that nobody asked for")
            }
            let single = list.count == 1 ? value : value.with("choices", .array([element]))
            output += try await take(
                element, index, single, payload: list.count == 1 ? payload : single.bytes)
            if wantsAgain { return [] }
        }
        return output
    }

    private mutating func take(
        _ element: JSONValue, _ index: Int, _ value: JSONValue, payload: [UInt8]
    ) async throws -> [[UInt8]] {
        var choice = choices[index] ?? Choice()
        guard !choice.isOver, !choice.isReported else { return [] }
        choice.head = value.with("usage", nil)
        let delta = kind == .chat ? element["delta"] : element
        let isFinish = element["finish_reason"].map { $0 != .null } ?? false
        var event = Event(payload: payload, value: value, isQuiet: true)
        event.isFinish = isFinish
        var parts: [(field: String, text: String)] = []
        for field in kind == .chat ? GuardedChoice.chatFields : ["text"] {
            if let text = delta?[field]?.text, !text.isEmpty { parts.append((field, text)) }
        }
        let callsTools = GuardedChoice.callsTools(delta)
        choice.callsTools = choice.callsTools || callsTools
        event.isQuiet = parts.isEmpty && !callsTools && !isFinish
        // An event with thoughts and answer at once is rare: two events then.
        var events: [Event] = []
        for (place, part) in parts.enumerated() {
            var own = event
            if parts.count > 1 {
                own.value = Self.event(
                    kind, choice.head, index, part.field, part.text,
                    finish: place == parts.count - 1 ? element["finish_reason"] ?? .null : .null)
                own.payload = own.value.bytes
                own.isFinish = isFinish && place == parts.count - 1
            }
            own.field = part.field
            events.append(own)
        }
        if events.isEmpty { events = [event] }
        for (place, event) in events.enumerated() {
            var event = event
            if let field = event.field {
                var text = choice.texts[field] ?? HoldBack(settings)
                text.append(parts[place].text)
                event.end = text.count
                choice.texts[field] = text
            }
            choice.waiting.append(event)
            // Where another field begins, a tool is called or the answer ends, the texts before are whole.
            let ended = choice.texts.keys.sorted().filter {
                event.isFinish || callsTools || event.field != nil && $0 != event.field
            }
            for field in ended {
                if let bad = try await advance(&choice, field, isEnd: true) {
                    return end(&choice, index, bad)
                }
            }
            if let field = event.field, !ended.contains(field),
                let bad = try await advance(&choice, field, isEnd: false)
            {
                return end(&choice, index, bad)
            }
        }
        if isFinish, choice.texts.isEmpty, !choice.callsTools {
            // An empty answer is not a clean one: the policy says what it is.
            let findings = try await judge([""], attempt)
            for finding in findings {
                let finding = try await settled(finding, "", choice)
                choice.finding = finding
                if !finding.action.letsThrough { return end(&choice, index, finding) }
            }
        }
        let output = release(&choice, index)
        choices[index] = choice
        return output
    }

    /// The rest, once the upstream has said that it is done.
    ///
    /// - Parameter isDone: whether it said so, and did not just end.
    mutating func finish(isDone: Bool) async throws -> [[UInt8]] {
        var output: [[UInt8]] = []
        guard isDone || isComplete else { throw StreamProblem.brokenOff }
        for index in choices.keys.sorted() {
            guard var choice = choices[index], !choice.isOver else { continue }
            for field in choice.texts.keys.sorted() {
                if let bad = try await advance(&choice, field, isEnd: true) {
                    output += end(&choice, index, bad)
                    break
                }
            }
            if wantsAgain { return [] }
            guard !choice.isOver else { continue }
            output += release(&choice, index)
            if !choice.isReported, let finding = choice.finding {
                // The server gave no reason for the end; the report goes into an event of its own.
                let head = choice.head.with("choices", .array([]))
                output.append(head.with("theriac", theriac(report(index, finding, choice.judged))).bytes)
                choice.isReported = true
            }
            choices[index] = choice
        }
        return output + trailer
    }

    /// Judges what can be judged of one text.
    /// - Returns: the finding that forbids to go on.
    private func advance(_ choice: inout Choice, _ field: String, isEnd: Bool) async throws -> GateFinding? {
        guard var text = choice.texts[field] else { return nil }
        let stretches = text.pending(isEnd: isEnd)
        let spoken = stretches.filter { stretch in
            isEnd || stretch.text.unicodeScalars.contains { !$0.properties.isWhitespace }
        }
        let findings = try await judge(spoken.map(\.text), attempt)
        guard findings.count == spoken.count else { throw ServerError.failed }
        var next = findings.makeIterator()
        for stretch in stretches {
            if spoken.contains(stretch) {
                guard let first = next.next() else { throw ServerError.failed }
                choice.texts[field] = text
                let finding = try await settled(first, stretch.text, choice)
                if finding.isWorse(than: choice.finding) {
                    choice.finding = finding
                    choice.judged = stretch.text
                }
                guard finding.action.letsThrough else { return finding }
            }
            text.accept(stretch)
        }
        choice.texts[field] = text
        return nil
    }

    /// Events that may be shown now.
    func release(_ choice: inout Choice, _ index: Int) -> [[UInt8]] {
        var count = 0
        var quiet = 0
        for event in choice.waiting {
            if let field = event.field, event.end > choice.texts[field]?.released ?? 0 { break }
            // What says nothing waits for what says something: until then the answer can be asked for anew.
            if event.isQuiet, !choice.hasStarted {
                quiet += 1
                continue
            }
            choice.hasStarted = true
            count += quiet + 1
            quiet = 0
        }
        var output: [[UInt8]] = []
        for event in choice.waiting.prefix(count) {
            if event.isFinish, let finding = choice.finding {
                choice.isReported = true
                output.append(merge(event, report(index, finding, choice.judged)))
            } else {
                if event.isFinish { choice.isReported = true }
                output.append(event.payload)
            }
        }
        choice.waiting.removeFirst(count)
        return output
    }

    private func merge(_ event: Event, _ json: JSONValue) -> [UInt8] {
        guard let theirs = event.value["theriac"] else {
            return JSONSplice.adding("theriac", json.bytes, to: event.payload)
        }
        return event.value.with("theriac", GuardReport.joined(json, theirs, isOwn: treatment != nil)).bytes
    }

    /// A report for an event that the source did not write.
    func theriac(_ report: JSONValue) -> JSONValue {
        treatment.map { GuardReport.joined(report, $0, isOwn: true) } ?? report
    }
}

/// Why a stream cannot go on.
enum StreamProblem: Error, Equatable {
    case damaged(String)
    /// The upstream says in the stream that it failed.
    case failed
    case brokenOff
}

extension PolicyAction {
    /// Whether the text goes on to its reader.
    var letsThrough: Bool { self == .pass || self == .flag }
}
