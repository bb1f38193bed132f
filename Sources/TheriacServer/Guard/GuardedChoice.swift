internal import TheriacFiles

/// One answer of a whole reply: its texts, and other texts in their place.
struct GuardedChoice: Sendable {
    /// Members that hold what a reader sees, in the order they are written: thoughts, then the answer.
    static let chatFields = ["reasoning_content", "reasoning", "content", "refusal"]

    let kind: GuardedRequest.Kind
    var value: JSONValue

    var index: Int { value["index"]?.whole ?? 0 }

    /// Texts to judge. An answer with nothing in it, not even a call of a tool, is one empty text.
    var texts: [String] {
        switch kind {
        case .completions: return [value["text"]?.text ?? ""]
        case .chat:
            let message = value["message"]
            let found = Self.chatFields.compactMap { message?[$0]?.text }.filter { !$0.isEmpty }
            if found.isEmpty, Self.callsTools(message) { return [] }
            return found.isEmpty ? [""] : found
        }
    }

    /// The answer itself, without thoughts.
    var text: String {
        (kind == .completions ? value["text"]?.text : value["message"]?["content"]?.text) ?? ""
    }

    /// - Parameter value: a message or a delta.
    static func callsTools(_ value: JSONValue?) -> Bool {
        for name in ["tool_calls", "function_call"] {
            switch value?[name] {
            case nil, .null?: continue
            case .array(let calls)?: if !calls.isEmpty { return true }
            default: return true
            }
        }
        return false
    }

    /// The same choice under another number.
    func numbered(_ index: Int) -> GuardedChoice {
        GuardedChoice(kind: kind, value: value.with("index", .integer(index)))
    }

    /// With another text, and nothing left of what the model wrote.
    ///
    /// - Parameter isWithheld: whether the text is the policy's and not the model's.
    func replaced(by text: String, isWithheld: Bool) -> GuardedChoice {
        Self.made(
            kind, index: index, text: text,
            finish: isWithheld ? .string("content_filter") : value["finish_reason"] ?? .string("stop"))
    }

    /// A choice made here.
    static func made(
        _ kind: GuardedRequest.Kind, index: Int, text: String,
        finish: JSONValue = .string("content_filter")
    ) -> GuardedChoice {
        var members: [String: JSONValue] = [
            "index": .integer(index), "finish_reason": finish, "logprobs": .null,
        ]
        switch kind {
        case .completions: members["text"] = .string(text)
        case .chat:
            members["message"] = .object(["role": .string("assistant"), "content": .string(text)])
        }
        return GuardedChoice(kind: kind, value: .object(members))
    }
}

extension JSONValue {
    /// A copy with a member set; nil takes it out.
    func with(_ name: String, _ value: JSONValue?) -> JSONValue {
        guard var members else { return self }
        members[name] = value
        return .object(members)
    }
}
