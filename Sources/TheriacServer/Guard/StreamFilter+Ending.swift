internal import TheriacDetection
internal import TheriacFiles

/// What becomes of an answer that the policy does not let go on.
extension StreamFilter {
    /// What follows from a finding where part of the answer was shown, or others are being written beside it: then it cannot
    /// be asked for anew, and the rule's other action takes the place.
    func settled(
        _ finding: GateFinding, _ text: String, _ choice: Choice
    ) async throws -> GateFinding {
        let hasShown = choice.hasStarted || choice.texts.values.contains { $0.released > 0 }
        guard finding.action == .resample, hasShown || expected > 1,
            var other = try await judge([text], Int.max).first
        else { return finding }
        other.attempt = attempt
        return other
    }

    /// Ends an answer as the policy says.
    mutating func end(_ choice: inout Choice, _ index: Int, _ finding: GateFinding) -> [[UInt8]] {
        if finding.action == .resample {
            _ = report(index, finding, choice.judged)
            wantsAgain = true
            return []
        }
        var output = showing(&choice, index)
        choice.isOver = true
        choice.waiting = []
        let field = kind == .chat ? "content" : "text"
        let isFirst = (choice.texts[field]?.released ?? 0) == 0
        var text = finding.action == .safeReply || finding.action == .refuse ? reply(finding) ?? "" : ""
        if !text.isEmpty, !isFirst { text = "\n\n" + text }
        if kind == .chat, !choice.hasStarted, output.isEmpty {
            output.append(
                Self.event(kind, choice.head, index, field, "", role: "assistant", finish: .null).bytes)
        }
        if !text.isEmpty {
            output.append(Self.event(kind, choice.head, index, field, text, finish: .null).bytes)
        }
        let last = Self.event(kind, choice.head, index, nil, "", finish: .string("content_filter"))
        output.append(last.with("theriac", theriac(report(index, finding, choice.judged))).bytes)
        choice.isReported = true
        choices[index] = choice
        return output
    }

    /// The events that may still be shown of an answer that ends here, the last one cut where it has to be.
    private func showing(_ choice: inout Choice, _ index: Int) -> [[UInt8]] {
        var output = release(&choice, index)
        guard let event = choice.waiting.first(where: { $0.field != nil }), let field = event.field,
            let text = choice.texts[field]
        else { return output }
        let length = event.value["choices"]?.elements?.first.flatMap { element in
            (kind == .chat ? element["delta"] : element)?[field]?.text?.unicodeScalars.count
        }
        let start = event.end - (length ?? 0)
        guard text.released > start else { return output }
        choice.hasStarted = true
        for quiet in choice.waiting.prefix(while: { $0.field == nil }) { output.append(quiet.payload) }
        output.append(
            Self.event(
                kind, choice.head, index, field, text.slice(start..<text.released), finish: .null
            ).bytes)
        return output
    }

    /// An event made here, like those of the same answer.
    static func event(
        _ kind: GuardedRequest.Kind, _ head: JSONValue, _ index: Int, _ field: String?, _ text: String,
        role: String? = nil, finish: JSONValue
    ) -> JSONValue {
        var choice: [String: JSONValue] = ["index": .integer(index), "finish_reason": finish]
        switch kind {
        case .completions:
            choice["text"] = .string(text)
            choice["logprobs"] = .null
        case .chat:
            var delta: [String: JSONValue] = [:]
            if let field { delta[field] = .string(text) }
            delta["role"] = role.map { .string($0) }
            choice["delta"] = .object(delta)
        }
        return head.with("choices", .array([.object(choice)])).with("theriac", nil)
    }
}
