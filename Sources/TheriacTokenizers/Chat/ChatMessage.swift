/// One turn of a conversation, as chat templates see it: `role`, `content`, and whatever else there is.
///
/// `content` is text, or a list of parts such as `{"type": "text", "text": "…"}`; a turn with `tool_calls` may
/// have none.
public struct ChatMessage: Sendable, Equatable {
    /// All fields, in the order in which templates print them.
    public var fields: ChatObject

    public init(role: String, content: String) {
        fields = ["role": .string(role), "content": .string(content)]
    }

    public init(fields: ChatObject) { self.fields = fields }

    public static func system(_ content: String) -> ChatMessage { .init(role: "system", content: content) }
    public static func user(_ content: String) -> ChatMessage { .init(role: "user", content: content) }
    public static func assistant(_ content: String) -> ChatMessage {
        .init(role: "assistant", content: content)
    }

    /// The names under which a turn's reasoning is passed; the first is the one that templates read.
    private static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

    /// The fields with the reasoning under each name that templates read it by, as transformers hands them on.
    var fieldsForTemplates: ChatObject {
        let reasoning = Self.reasoningFields.lazy.compactMap { fields[$0] }.first { $0 != .null }
        guard let reasoning else { return fields }
        var completed: ChatObject = ["thinking": reasoning]
        for (name, value) in zip(fields.names, fields.values) { completed[name] = value }
        completed["reasoning_content"] = reasoning
        return completed
    }
}
