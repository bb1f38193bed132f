public import Foundation

/// How a checkpoint wants its conversations: its chat templates and the special tokens they print.
public struct ChatFormat: Sendable {
    /// Templates by name; one without a name is `default`.
    public let templates: [String: ChatTemplate]
    /// `bos_token`, `eos_token` and the like, as far as the checkpoint names them.
    public let specialTokens: ChatObject

    /// Reads `chat_template.jinja`, else the field `chat_template` of `tokenizer_config.json`, else
    /// `chat_template.json`; nil where the folder has no template.
    ///
    /// - Throws: ``TokenizerError`` when files are damaged or a template cannot be parsed.
    public init?(folder: URL) throws {
        let files = TokenizerFolder(folder)
        var templates: [String: ChatTemplate] = [:]
        if let data = try files.data("chat_template.jinja") {
            templates["default"] = try ChatTemplate(String(decoding: data, as: UTF8.self))
        } else {
            for name in ["tokenizer_config.json", "chat_template.json"] where templates.isEmpty {
                guard let node = try files.settings(name)?.field("chat_template") else { continue }
                templates = try Self.templates(in: node)
            }
        }
        if templates.isEmpty { return nil }
        self.templates = templates

        var tokens = ChatObject()
        for name in ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map({ $0 + "_token" }) {
            for file in ["tokenizer_config.json", "special_tokens_map.json"] where tokens[name] == nil {
                let content = try files.settings(file)?.field(name).tokenContent()
                tokens[name] = content.map { .string($0) }
            }
        }
        specialTokens = tokens
    }

    /// The text of a conversation, by the template named `tool_use` when there are tools and such a template, else
    /// by the one named `default`.
    ///
    /// - Throws: ``TokenizerError`` as ``ChatTemplate/render(messages:tools:documents:addGenerationPrompt:variables:date:)``
    ///   does, and when no template has the name.
    public func render(
        messages: [ChatMessage], tools: [ChatValue]? = nil, documents: [ChatValue]? = nil,
        addGenerationPrompt: Bool = true, variables: ChatObject = [:], date: Date = Date(),
        template name: String? = nil
    ) throws -> String {
        let wanted = name ?? (tools != nil && templates["tool_use"] != nil ? "tool_use" : "default")
        guard let template = templates[wanted] else {
            throw TokenizerError.unsupported(
                file: "tokenizer_config.json", field: "chat_template", value: wanted,
                supported: templates.keys.sorted())
        }
        var all = specialTokens
        for (name, value) in zip(variables.names, variables.values) { all[name] = value }
        return try template.render(
            messages: messages, tools: tools, documents: documents, addGenerationPrompt: addGenerationPrompt,
            variables: all, date: date)
    }

    /// A template as a string, or several as a list of objects with `name` and `template`.
    private static func templates(in node: JSONNode) throws -> [String: ChatTemplate] {
        if case .string(let source) = node.value { return ["default": try ChatTemplate(source)] }
        var templates: [String: ChatTemplate] = [:]
        for element in try node.elements() {
            let name = try element.field("name").string()
            templates[name] = try ChatTemplate(try element.field("template").string())
        }
        return templates
    }
}
