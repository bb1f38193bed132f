internal import TheriacFiles

/// A whole answer as the events of a stream.
enum AnswerEvents {
    static func of(_ value: JSONValue, _ request: GuardedRequest, _ report: GuardReport) -> [UInt8] {
        let kind = request.kind
        var output: [UInt8] = []
        let head = value.with("usage", nil).with("theriac", nil).with("object", .string(kind.chunk))
        for element in value["choices"]?.elements ?? [] {
            let choice = GuardedChoice(kind: kind, value: element)
            var own = GuardReport(policy: report.policy, input: report.input)
            own.output[choice.index] = report.output[choice.index]
            let theriac = value["theriac"].map { theirs in
                GuardReport.joined(
                    own.json, report.isOwn ? theirs.only(choice.index) : theirs, isOwn: report.isOwn)
            }
            let finish = element["finish_reason"] ?? .null
            switch kind {
            case .completions:
                let event = head.with("choices", .array([element])).with("theriac", theriac ?? own.json)
                output += EventStreamReader.event(event.bytes)
            case .chat:
                let delta = self.delta(of: element["message"] ?? .object([:]))
                let first = element.with("message", nil).with("delta", delta).with("finish_reason", .null)
                output += EventStreamReader.event(head.with("choices", .array([first])).bytes)
                let last = StreamFilter.event(kind, head, choice.index, nil, "", finish: finish)
                output += EventStreamReader.event(last.with("theriac", theriac ?? own.json).bytes)
            }
        }
        if request.members["stream_options"]?["include_usage"]?.isTrue ?? false, let usage = value["usage"] {
            output += EventStreamReader.event(
                head.with("choices", .array([])).with("usage", usage).bytes)
        }
        return output + EventStreamReader.done
    }

    /// A message as the one delta that makes it: calls of tools are numbered there.
    private static func delta(of message: JSONValue) -> JSONValue {
        guard let calls = message["tool_calls"]?.elements else { return message }
        return message.with(
            "tool_calls", .array(calls.enumerated().map { $1.with("index", .integer($0)) }))
    }
}

extension JSONValue {
    /// `theriac` of the own model's answer with nothing about other choices.
    fileprivate func only(_ index: Int) -> JSONValue {
        guard let choices = self["choices"]?.elements else { return self }
        return with("choices", .array(choices.filter { $0["index"]?.whole == index }))
    }
}
