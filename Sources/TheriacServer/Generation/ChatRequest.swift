internal import Foundation
internal import NIOCore
internal import TheriacGeneration
internal import TheriacFiles
internal import TheriacTokenizers

/// The body of `/v1/chat/completions`.
struct ChatRequest: GenerationRequest {
    var rows: RowSettings
    /// The conversation as the model reads it.
    var prompt: PromptText
    var maxTokens: Int?
    /// Alternatives beside each token; nil: no log-probabilities.
    var logprobs: Int?

    /// - Throws: ``OpenAIError``, `JSONError`.
    init(_ body: ByteBuffer, _ host: GenerationHost) throws {
        var fields = try BodyFields(body)
        rows = try RowSettings(&fields, host)
        let conversation = try Conversation(&fields)
        prompt = try conversation.rendered(host.facts)
        if host.facts.chat == nil { rows.order.stops.append(contentsOf: PlainChat.stops) }
        let range = 1...(host.settings.maxTokens ?? 1_000_000)
        let old = try fields.integer("max_tokens", in: range)
        maxTokens = try fields.integer("max_completion_tokens", in: range) ?? old
        let top = try fields.integer("top_logprobs", in: 0...20)
        if try fields.bool("logprobs") ?? false {
            logprobs = top ?? 0
        } else if top != nil {
            throw OpenAIError.invalid("top_logprobs", "It goes with 'logprobs': true only.")
        }
        try fields.refuse("tools", unless: [.array([])])
        try fields.refuse("tool_choice", unless: [.string("none")])
        try fields.refuse("functions", unless: [.array([])])
        try fields.refuse("function_call", unless: [.string("none")])
        try fields.refuse("response_format", unless: [.object(["type": .string("text")])])
        try fields.refuse("modalities", unless: [.array([.string("text")])])
        try fields.refuse("audio")
        try fields.refuse("prediction")
        try fields.refuse("reasoning_effort", unless: [.string("none")])
        try fields.refuse("web_search_options")
        try fields.refuse("chat_template")
        fields.ignore(["parallel_tool_calls", "verbosity"])
        try fields.finish()
    }

    var prompts: [PromptText] { [prompt] }
    var hasStatedLimit: Bool { maxTokens != nil }

    func template(_ host: GenerationHost) -> GenerationOrder {
        var order = rows.order
        order.samples = rows.samples
        order.maxNewTokens = maxTokens ?? host.settings.maxTokens ?? host.facts.context
        order.alternatives = logprobs
        order.reportsProgress = rows.streams
        return order
    }

    func answer(
        id: String, _ tokens: [[Int32]], _ record: TreatmentRecord, _ names: TokenNames
    ) -> any WrittenAnswer {
        ChatAnswer(
            head: AnswerHead(
                id: "chatcmpl-\(id)", object: rows.streams ? "chat.completion.chunk" : "chat.completion",
                model: record.model.name),
            body: self, promptTokens: tokens.first?.count ?? 0, record: record, names: names)
    }
}

/// `messages` and how they are to be rendered.
struct Conversation {
    private var messages: [ChatMessage]
    private var addsGenerationPrompt = true
    private var continuesLast = false
    private var variables = ChatObject()

    private static let roles = ["system", "developer", "user", "assistant", "tool"]

    /// - Throws: ``OpenAIError``.
    init(_ fields: inout BodyFields) throws {
        guard let value = fields.value("messages") else { throw OpenAIError.missing("messages") }
        guard let list = value.elements else {
            throw OpenAIError.wrongType("messages", expected: "a list of messages")
        }
        guard !list.isEmpty else { throw OpenAIError.invalid("messages", "It must not be empty.") }
        messages = try list.enumerated().map { try Self.message($1, place: $0) }
        continuesLast = try fields.bool("continue_final_message") ?? false
        addsGenerationPrompt = try fields.bool("add_generation_prompt") ?? !continuesLast
        if continuesLast, addsGenerationPrompt {
            throw OpenAIError.invalid(
                "continue_final_message", "It does not go with 'add_generation_prompt': true.")
        }
        switch fields.value("chat_template_kwargs") {
        case nil: break
        case .object(let members)?:
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                variables[name] = ChatValue(value)
            }
        default: throw OpenAIError.wrongType("chat_template_kwargs", expected: "an object")
        }
    }

    private static func message(_ value: JSONValue, place: Int) throws -> ChatMessage {
        let path = "messages[\(place)]"
        guard case .object(let members) = value else {
            throw OpenAIError.wrongType(path, expected: "an object")
        }
        guard let role = members["role"]?.text else { throw OpenAIError.missing("\(path).role") }
        guard roles.contains(role) else {
            throw OpenAIError.invalid(
                "\(path).role", "It must be one of \(roles.joined(separator: ", ")).")
        }
        let content: String
        switch members["content"] {
        case .string(let text)?: content = text
        case .array(let parts)?:
            content = try parts.map { part in
                guard let type = part["type"]?.text else {
                    throw OpenAIError.missing("\(path).content.type")
                }
                guard type == "text" else {
                    throw OpenAIError(
                        status: 400,
                        message: "Parts of the type '\(type.prefix(40))' are not supported; only text is.",
                        parameter: "\(path).content", code: "unsupported_input_type")
                }
                guard let text = part["text"]?.text else {
                    throw OpenAIError.missing("\(path).content.text")
                }
                return text
            }.joined()
        case nil, .null?: throw OpenAIError.missing("\(path).content")
        default:
            throw OpenAIError.wrongType("\(path).content", expected: "a string or a list of parts")
        }
        // Templates know the older word.
        var message = ChatMessage(role: role == "developer" ? "system" : role, content: content)
        if let name = members["name"]?.text { message.fields["name"] = .string(name) }
        return message
    }

    /// The text the model reads, by its template, or by ``PlainChat`` where it has none.
    ///
    /// - Throws: ``OpenAIError`` when the template refuses the conversation.
    func rendered(_ facts: ModelFacts) throws -> PromptText {
        guard let chat = facts.chat else {
            return .text(
                PlainChat.rendered(
                    messages, addsGenerationPrompt: addsGenerationPrompt, continuesLast: continuesLast))
        }
        do {
            var text = try chat.render(
                messages: messages, addGenerationPrompt: addsGenerationPrompt, variables: variables)
            if continuesLast, case .string(let last)? = messages.last?.fields["content"],
                let place = text.range(of: last, options: .backwards)
            {
                text = String(text[..<place.upperBound])
            }
            return .rendered(text)
        } catch let error as TokenizerError {
            throw OpenAIError.invalid("messages", "The model's chat template refuses them: \(error)")
        }
    }
}

/// How conversations stand for models without a chat template: a line `Role: text` for each message, and `Assistant:` at
/// the end. The answer ends before a line that begins with another role.
enum PlainChat {
    static let stops = ["\nUser:", "\nSystem:", "\nAssistant:"]

    static func rendered(
        _ messages: [ChatMessage], addsGenerationPrompt: Bool, continuesLast: Bool
    ) -> String {
        var text = ""
        for message in messages {
            guard case .string(let role)? = message.fields["role"],
                case .string(let content)? = message.fields["content"]
            else { continue }
            text += "\(role.prefix(1).uppercased())\(role.dropFirst()): \(content)\n"
        }
        if continuesLast { return String(text.dropLast()) }
        return addsGenerationPrompt ? text + "Assistant:" : text
    }
}

extension ChatValue {
    init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .string(let text): .string(text)
            case .array(let elements): .list(elements.map { ChatValue($0) })
            case .object(let members):
                .object(
                    ChatObject(members.sorted { $0.key < $1.key }.map { ($0.key, ChatValue($0.value)) }))
            }
    }
}
