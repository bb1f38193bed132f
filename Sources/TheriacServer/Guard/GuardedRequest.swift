internal import TheriacFiles

/// A request to `/v1/completions` or `/v1/chat/completions`, as far as a guard has to understand it.
struct GuardedRequest: Sendable {
    enum Kind: Sendable {
        case completions, chat

        var path: String { self == .chat ? "/v1/chat/completions" : "/v1/completions" }
        var route: String { self == .chat ? "chat/completions" : "completions" }
        var object: String { self == .chat ? "chat.completion" : "text_completion" }
        var chunk: String { self == .chat ? "chat.completion.chunk" : "text_completion" }
        var idPrefix: String { self == .chat ? "chatcmpl" : "cmpl" }
    }

    /// A text of the request and where it stands.
    struct Text: Sendable, Equatable {
        var text: String
        fileprivate var path: [JSONStep]
    }

    /// Answers that one request may ask for.
    static let mostChoices = 4096

    let kind: Kind
    private let original: [UInt8]
    private(set) var members: [String: JSONValue]
    private var isEdited = false
    /// What is judged of it.
    private(set) var texts: [Text] = []
    /// Parts that no detector here reads: token ids, images, sounds.
    private(set) var hasUnread = false
    let isStream: Bool
    /// Prompts, and answers to each.
    let prompts: Int
    let samples: Int
    let model: String
    private(set) var community: String?
    private(set) var doNotStore = false

    var choices: Int { prompts * samples }

    /// - Parameter decode: the text of token ids; nil where nobody here knows it.
    /// - Throws: ``OpenAIError`` for what no server could answer, `JSONError`.
    init(
        _ kind: Kind, _ body: [UInt8], reads scope: GuardServingSettings.Input,
        decode: ([Int32]) -> String? = { _ in nil }
    ) throws {
        self.kind = kind
        original = body
        let value = try JSONValue(bytes: body)
        guard let members = value.members else { throw OpenAIError.wrongType("body", expected: "an object") }
        self.members = members
        isStream = members["stream"]?.isTrue ?? false
        model = members["model"]?.text ?? ""
        let many: Int
        switch members["n"] {
        case nil, .null?: many = 1
        case .integer(let number)? where (1...1024).contains(number): many = number
        default: throw OpenAIError.wrongType("n", expected: "a whole number from 1 on")
        }
        samples = many
        if kind == .completions, case .array(let list)? = members["prompt"],
            !list.contains(where: { if case .integer = $0 { true } else { false } })
        {
            prompts = max(1, list.count)
        } else {
            prompts = 1
        }
        guard prompts <= Self.mostChoices / samples else {
            throw OpenAIError(
                status: 400, message: "More than \(Self.mostChoices) answers are asked for at once.",
                parameter: "n", code: "invalid_value")
        }
        try readTheriac()
        switch kind {
        case .completions: try readPrompts(decode)
        case .chat: try readMessages(scope)
        }
    }

    /// Takes out what is meant for this server; the rest goes on.
    private mutating func readTheriac() throws(OpenAIError) {
        guard let value = members["theriac"], value != .null else { return }
        guard var own = value.members else { throw .wrongType("theriac", expected: "an object") }
        let wishes = try CallerWishes(taking: &own)
        (community, doNotStore) = (wishes.community, wishes.doNotStore)
        members["theriac"] = own.isEmpty ? nil : .object(own)
        isEdited = true
    }

    private mutating func readPrompts(_ decode: ([Int32]) -> String?) throws(OpenAIError) {
        let prompt: [JSONStep] = [.member("prompt")]
        switch members["prompt"] {
        case nil, .null?: break
        case .string(let text)?: texts.append(Text(text: text, path: prompt))
        case .array(let list)?:
            if let ids = list.tokenIDs {
                read(ids, at: prompt, decode)
                break
            }
            for (place, element) in list.enumerated() {
                let path = prompt + [.element(place)]
                switch element {
                case .string(let text): texts.append(Text(text: text, path: path))
                case .array(let ids): read(ids.tokenIDs ?? [], at: path, decode)
                case .integer: hasUnread = true
                default: throw .wrongType("prompt", expected: "a string, strings or token ids")
                }
            }
        default: throw .wrongType("prompt", expected: "a string, strings or token ids")
        }
        if let suffix = members["suffix"]?.text, !suffix.isEmpty {
            texts.append(Text(text: suffix, path: [.member("suffix")]))
        }
    }

    private mutating func read(_ ids: [Int32], at path: [JSONStep], _ decode: ([Int32]) -> String?) {
        if !ids.isEmpty, let text = decode(ids) {
            texts.append(Text(text: text, path: path))
        } else {
            hasUnread = true
        }
    }

    private mutating func readMessages(_ scope: GuardServingSettings.Input) throws(OpenAIError) {
        guard let messages = members["messages"] else { throw .missing("messages") }
        guard let list = messages.elements else { throw .wrongType("messages", expected: "a list") }
        // The turn begins behind the last answer that somebody replied to: an answer at the very end is the caller's own
        // beginning of the next one.
        let asked = list.lastIndex { !["assistant", "system", "developer"].contains($0["role"]?.text ?? "") }
        let last = asked.flatMap { list[..<$0].lastIndex { $0["role"]?.text == "assistant" } }
        for (place, message) in list.enumerated() {
            guard message.members != nil else { throw .wrongType("messages", expected: "a list of objects") }
            let role = message["role"]?.text ?? ""
            let isInstruction = role == "system" || role == "developer"
            switch scope {
            case .lastTurn:
                guard !isInstruction, place > last ?? -1 else { continue }
            case .conversation: break
            }
            let path: [JSONStep] = [.member("messages"), .element(place), .member("content")]
            switch message["content"] {
            case nil, .null?: break
            case .string(let text)?: texts.append(Text(text: text, path: path))
            case .array(let parts)?:
                for (number, part) in parts.enumerated() {
                    guard let text = part["text"]?.text else {
                        hasUnread = true
                        continue
                    }
                    texts.append(Text(text: text, path: path + [.element(number), .member("text")]))
                }
            default: throw .wrongType("messages.content", expected: "a string or a list of parts")
            }
        }
    }

    /// Puts another text in the place of one.
    mutating func replace(_ text: Text, with other: String) {
        members = JSONValue.object(members).setting(.string(other), at: text.path[...]).members ?? members
        isEdited = true
    }

    /// What is sent on: the bytes that came, where nothing was changed.
    var body: [UInt8] { isEdited ? JSONValue.object(members).bytes : original }

    /// A request for other answers in the place of some.
    ///
    /// A prompt of several that wants two other answers is asked for two at once: asked twice with one seed it would be
    /// answered alike.
    ///
    /// - Parameters:
    ///   - indices: of the choices wanted anew, ascending.
    ///   - attempt: from 1; a seed is moved by it, for the same seed would draw the same answer.
    /// - Returns: the request, and for each index the place of its choice in the answer.
    func again(for indices: [Int], attempt: Int) -> (body: [UInt8], places: [Int]) {
        var members = members
        if case .integer(let seed)? = members["seed"] { members["seed"] = .integer(seed &+ attempt) }
        members["best_of"] = nil
        guard prompts > 1, case .array(let list)? = members["prompt"] else {
            if samples > 1 { members["n"] = .integer(indices.count) }
            return (JSONValue.object(members).bytes, Array(indices.indices))
        }
        let wanted = Dictionary(grouping: indices.filter { $0 / samples < list.count }) { $0 / samples }
        let numbers = wanted.keys.sorted()
        let most = wanted.values.map(\.count).max() ?? 1
        members["prompt"] = .array(numbers.map { list[$0] })
        members["n"] = members["n"].map { _ in .integer(most) }
        let places = indices.map { index -> Int in
            guard let place = numbers.firstIndex(of: index / samples),
                let rank = wanted[index / samples]?.firstIndex(of: index)
            else { return -1 }
            return place * most + rank
        }
        return (JSONValue.object(members).bytes, places)
    }
}

extension [JSONValue] {
    /// Its elements as token ids; nil when they are none, or not all.
    fileprivate var tokenIDs: [Int32]? {
        let ids = compactMap { $0.whole.flatMap { Int32(exactly: $0) } }
        return ids.count == count && !isEmpty ? ids : nil
    }
}

/// A step to a value inside another.
enum JSONStep: Sendable, Equatable {
    case member(String)
    case element(Int)
}

extension JSONValue {
    /// A copy with another value at the end of `path`; the same value when there is no such place.
    func setting(_ value: JSONValue, at path: ArraySlice<JSONStep>) -> JSONValue {
        guard let step = path.first else { return value }
        switch (self, step) {
        case (.object(var members), .member(let name)):
            members[name] = members[name]?.setting(value, at: path.dropFirst())
            return .object(members)
        case (.array(var elements), .element(let place)) where elements.indices.contains(place):
            elements[place] = elements[place].setting(value, at: path.dropFirst())
            return .array(elements)
        default: return self
        }
    }
}
