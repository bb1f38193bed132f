public import Foundation

/// Turns a conversation into the text a model was trained on, by the template that came with it.
///
/// Templates are written in Jinja. This is the part of Jinja that chat templates use, rendered as transformers
/// does it: `trim_blocks` and `lstrip_blocks` on, no escaping, values immutable. Inheritance, imports and
/// recursive loops are not there. A template comes from whoever made the model, so nesting, steps and output are
/// bounded by ``Limits``.
public struct ChatTemplate: Sendable {
    private let statements: [TemplateStatement]
    private let limits: Limits

    /// What one rendering may use up; more is an error.
    public struct Limits: Sendable {
        /// Evaluated expressions, turns of loops, and sixteenths of each byte of text made on the way.
        public var steps = 10_000_000
        /// Bytes of text written.
        public var outputBytes = 1 << 25
        /// Bytes of the template itself.
        public var sourceBytes = 1 << 20

        public init() {}
    }

    /// Parses a template.
    ///
    /// - Throws: ``TokenizerError/malformedTemplate(line:reason:)``.
    public init(_ source: String, limits: Limits = Limits()) throws {
        self.limits = limits
        do {
            guard source.utf8.count <= limits.sourceBytes else {
                throw TemplateFailure("is longer than \(limits.sourceBytes) bytes", line: 1)
            }
            var lexer = TemplateLexer(source)
            var parser = TemplateParser(try lexer.read())
            statements = try parser.template()
        } catch let failure as TemplateFailure {
            throw TokenizerError.malformedTemplate(line: failure.line ?? 1, reason: failure.reason)
        }
    }

    /// The text of a conversation.
    ///
    /// - Parameters:
    ///   - messages: the turns so far.
    ///   - tools: JSON schemas of functions that the model may call; nil where there are none.
    ///   - documents: texts to answer from; nil where there are none.
    ///   - addGenerationPrompt: whether the text ends where the model's turn begins.
    ///   - variables: what else the template reads: `bos_token`, `eos_token`, `enable_thinking`.
    ///   - date: what `strftime_now` prints. Templates that print the date are repeatable only with a fixed one.
    /// - Returns: the text, special tokens included: it is to be encoded without adding them again.
    /// - Throws: ``TokenizerError/refusedByTemplate(line:message:)`` when the template calls `raise_exception`,
    ///   ``TokenizerError/templateFailed(line:reason:)`` when it cannot be rendered.
    public func render(
        messages: [ChatMessage], tools: [ChatValue]? = nil, documents: [ChatValue]? = nil,
        addGenerationPrompt: Bool = false, variables: ChatObject = [:], date: Date = Date()
    ) throws -> String {
        var all = variables
        all["messages"] = .list(messages.map { .object($0.fieldsForTemplates) })
        all["tools"] = tools.map { .list($0) } ?? .null
        all["documents"] = documents.map { .list($0) } ?? .null
        all["add_generation_prompt"] = .bool(addGenerationPrompt)
        return try render(all, date: date)
    }

    /// The text that a template makes of variables.
    func render(_ variables: ChatObject, date: Date = Date()) throws -> String {
        let evaluator = TemplateEvaluator(limits: limits, date: date)
        defer { evaluator.release() }
        do {
            for (name, value) in zip(variables.names, variables.values) {
                evaluator.scope.variables[name] = try TemplateValue(value)
            }
            _ = try evaluator.run(statements)
            return evaluator.output
        } catch let failure as TemplateFailure {
            let line = failure.line ?? 1
            throw failure.isRefusal
                ? TokenizerError.refusedByTemplate(line: line, message: failure.reason)
                : TokenizerError.templateFailed(line: line, reason: failure.reason)
        }
    }
}

/// Why a template cannot be read or rendered; `line` is filled in by whoever knows it first.
struct TemplateFailure: Error {
    var reason: String
    var line: Int?
    /// The template itself called `raise_exception`.
    var isRefusal = false

    init(_ reason: String, line: Int? = nil) { (self.reason, self.line) = (reason, line) }
}
