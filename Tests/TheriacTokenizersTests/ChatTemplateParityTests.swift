import Foundation
import Testing
import TheriacTesting

@testable import TheriacTokenizers

/// Rendered texts equal those of transformers, byte for byte, and what it refuses is refused.
@Suite(.tags(.parity), .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct ChatTemplateParityTests {
    /// One construct each: white space, operators, filters, tests, methods, statements, errors.
    @Test func agreesForEachConstruct() throws { try compare("constructs", atLeast: 400) }

    /// Templates in the manner of the model families, over conversations with tools, thoughts and parts.
    @Test func agreesForEachFamily() throws { try compare("families", atLeast: 1000) }

    private func compare(_ set: String, atLeast count: Int) throws {
        let output = try PythonReference.run("chat_template_parity.py", [set])
        var (texts, differences) = (0, 0)
        for line in output.split(separator: UInt8(ascii: "\n")) {
            guard case .object(let record) = try ChatValue(json: String(decoding: line, as: UTF8.self)) else {
                Issue.record("a line of the reference is no object")
                return
            }
            let found = try outcome(of: record)
            if record["text"] != nil { texts += 1 }
            let wanted = ["text", "refused", "error"].first { record[$0] != nil } ?? ""
            // Messages of errors are our own; those of raise_exception are the template's.
            if found.kind == wanted, wanted == "error" || .string(found.text) == record[wanted] { continue }
            differences += 1
            if differences > 5 { continue }
            Issue.record(
                "\(record["name"] ?? .null): \(wanted) \(record[wanted] ?? .null), but found \(found.kind): \(found.text.debugDescription)"
            )
        }
        #expect(differences == 0)
        #expect(texts >= count * 2 / 3)
    }

    private func outcome(of record: ChatObject) throws -> (kind: String, text: String) {
        guard case .string(let template)? = record["template"],
            case .object(let variables)? = record["variables"],
            case .integer(let seconds)? = record["moment"]
        else { throw CocoaError(.coderInvalidValue) }
        let date = Date(timeIntervalSince1970: Double(seconds))
        do {
            let template = try ChatTemplate(template)
            guard case .list(let messages)? = record["messages"] else {
                return ("text", try template.render(variables, date: date))
            }
            var tools: [ChatValue]?
            if case .list(let list)? = record["tools"] { tools = list }
            return (
                "text",
                try template.render(
                    messages: messages.compactMap { message in
                        if case .object(let fields) = message { ChatMessage(fields: fields) } else { nil }
                    }, tools: tools, addGenerationPrompt: record["add_generation_prompt"] == true,
                    variables: variables, date: date)
            )
        } catch TokenizerError.refusedByTemplate(_, let message) {
            return ("refused", message)
        } catch let error as TokenizerError {
            return ("error", error.description)
        }
    }
}
