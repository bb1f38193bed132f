import Foundation
import Testing

@testable import TheriacTokenizers

/// What templates give without a Python to compare with; `ChatTemplateParityTests` has the rest.
@Suite struct ChatTemplateTests {
    static func render(_ template: String, _ variables: ChatObject = [:]) throws -> String {
        try ChatTemplate(template).render(variables)
    }

    static let conversation: [ChatMessage] = [.system("Be brief."), .user("Hello"), .assistant("Hi.")]

    @Test func rendersAConversation() throws {
        let template = try ChatTemplate(
            """
            {{ bos_token }}{% for message in messages %}
            {{ '<' + message.role + '>' + message['content'] | trim }}
            {% endfor %}
            {% if add_generation_prompt %}<assistant>{% endif %}
            """)
        #expect(
            try template.render(
                messages: Self.conversation, addGenerationPrompt: true, variables: ["bos_token": "<s>"])
                == "<s><system>Be brief.\n<user>Hello\n<assistant>Hi.\n<assistant>")
        #expect(try template.render(messages: []) == "")
    }

    static let cases: [(template: String, text: String)] = [
        // A block's line end goes, a variable's stays; blanks before a block go, before a variable they stay.
        ("a\n  {% if true %}\n  b {{ 1 }}\n  {% endif %}\nc\n", "a\n  b 1\nc"),
        ("a {{- 1 -}} b {#- c -#} d", "a1bd"),
        ("{%+ if true +%}\n x {%- endif %}", "\n x"),
        // Python's order of operations: ~ binds tighter than +, filters tighter than the sign's operand is wide.
        ("{{ 1 ~ 2 * 3 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 3 ** 2 }}", "16 -4 2 64"),
        ("{{ 1 < 2 < 3 }} {{ 3 in [1, 2] }} {{ 'a' if false }}|", "True False |"),
        ("{{ 'abcdef'[4:1:-2] }} {{ [1, 2, 3][::-1] }} {{ 'abc'[-1] }}", "ec [3, 2, 1] c"),
        ("{{ [1, 'a\\n', none, 2.0, (1,), {'k': true}] }}", "[1, 'a\\n', None, 2.0, (1,), {'k': True}]"),
        (
            "{{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 0.1 + 0.2 }}",
            "1e+16 1000000000000000.0 0.0001 1e-05 0.30000000000000004"
        ),
        ("{{ {'b': [1, 2.0], 'a': '<é>'} | tojson }}", #"{"b": [1, 2.0], "a": "<é>"}"#),
        ("{{ {'a': {}, 'b': [1]} | tojson(indent=2) }}", "{\n  \"a\": {},\n  \"b\": [\n    1\n  ]\n}"),
        // Names set in a loop stay there; those of a namespace do not.
        (
            "{% set n = namespace(x=0) %}{% set y = 0 %}{% for i in range(3) %}{% set n.x = n.x + i %}{% set y = 9 %}{% endfor %}{{ n.x }}{{ y }}",
            "30"
        ),
        (
            "{% for a in 'xyz' if a != 'y' %}{{ loop.index }}/{{ loop.length }}{{ a }}{{ '' if loop.last else ',' }}{% else %}none{% endfor %}",
            "1/2x,2/2z"
        ),
        (
            "{% for i in range(9) %}{% if i == 1 %}{% continue %}{% elif i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "023"
        ),
        ("{% macro m(a, b='B') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(b=2, a=3) }}", "1B32"),
        ("{% macro box() %}[{{ caller(5) }}]{% endmacro %}{% call(x) box() %}{{ x }}{% endcall %}", "[5]"),
        ("{% set t | upper %}a{{ 1 }}b{% endset %}{{ t }}", "A1B"),
        ("{% generation %}x{% endgeneration %}{% raw %}{{ y }}{% endraw %}", "x{{ y }}"),
        // An iterator counts as true even when nothing comes out of it.
        ("{{ 'T' if [] | select else 'F' }}{{ 'T' if [] | select | list else 'F' }}", "TF"),
        (
            "{{ 'a,b,,c'.split(',') }} {{ ' a b c '.rsplit(none, 1) }} {{ 'x</t>y'.split('</t>')[-1] }}",
            "['a', 'b', '', 'c'] [' a b', 'c'] y"
        ),
        ("{{ 'Ünï'.upper() }} {{ 'ΑΣ'.lower() }} {{ \"they're\" | title }}", "ÜNÏ ας They're"),
        ("{{ 2.5 | round }} {{ 2.675 | round(2) }} {{ '3.9' | int }} {{ 'x' | int(7) }}", "2.0 2.67 3 7"),
    ]

    @Test(arguments: cases)
    func renders(template: String, text: String) throws { #expect(try Self.render(template) == text) }

    /// Two texts that look alike are not the same; a line end of two characters counts as two.
    @Test func seesTextAsScalars() throws {
        let variables: ChatObject = ["a": "é", "b": "e\u{301}", "c": "\r\n"]
        #expect(
            try Self.render("{{ a == b }} {{ b | length }} {{ c | length }} {{ a in b }}", variables)
                == "False 2 2 False")
        #expect(try Self.render("{{ {a: 1, b: 2} | length }}", variables) == "2")
    }

    @Test func keepsTheOrderOfFields() throws {
        let value = try ChatValue(json: #"{"z": 1, "a": {"y": [true, null], "b": 1.0}, "z": 2}"#)
        #expect(
            try Self.render("{{ v | tojson }}", ["v": value])
                == #"{"z": 2, "a": {"y": [true, null], "b": 1.0}}"#)
    }

    @Test func passesOnReasoningUnderAllItsNames() throws {
        let turn = ChatMessage(fields: ["role": "assistant", "thinking": "so", "content": "x"])
        let template = try ChatTemplate("{{ messages[0] | tojson }}")
        #expect(
            try template.render(messages: [turn])
                == #"{"thinking": "so", "role": "assistant", "content": "x", "reasoning_content": "so"}"#)
    }

    @Test func printsAGivenDate() throws {
        let template = try ChatTemplate("{{ strftime_now('%Y-%m') }}")
        #expect(try template.render([:], date: Date(timeIntervalSince1970: 1_700_000_000)) == "2023-11")
    }

    /// The same parsed template from several threads.
    @Test func rendersAtTheSameTime() async throws {
        let template = try ChatTemplate("{% for m in messages %}{{ m.content }}{{ loop.index }}{% endfor %}")
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<8 {
                group.addTask { try template.render(messages: [.user("\(index):"), .user("x")]) }
            }
            for try await text in group { #expect(text.hasSuffix(":1x2")) }
        }
    }

    static let failures: [(template: String, message: String)] = [
        (
            "{{ raise_exception('Roles must alternate.') }}",
            "The chat template refuses these messages, line 1: Roles must alternate."
        ),
        ("a\n\n{{ missing.x }}", "The chat template cannot be rendered, line 3: 'missing' is not defined."),
        (
            "{% for x in [1] %}\n{{ x\n  .y.z }}{% endfor %}",
            "The chat template cannot be rendered, line 3: a number has no 'y'."
        ),
        (
            "{{ 'a' + 1 }}",
            "The chat template cannot be rendered, line 1: '+' does not work between a string and a number."
        ),
        (
            "{{ [].append(1) }}",
            "The chat template cannot be rendered, line 1: 'append' would change a list, which chat templates may not do; use '+' or a namespace."
        ),
        ("{{ 1 | sparkle }}", "The chat template cannot be rendered, line 1: there is no filter 'sparkle'."),
        (
            "\n{% if true %}",
            "The chat template cannot be read, line 2: expected 'elif' or 'else' or 'endif' before the end."
        ),
        ("{{ 'open }}", "The chat template cannot be read, line 1: a string is not closed."),
        ("\n{{ (1 }}", "The chat template cannot be read, line 2: '}' closes nothing."),
        (
            "{% include 'x' %}",
            "The chat template cannot be read, line 1: 'include' is no statement that chat templates use."
        ),
        ("{% break %}", "The chat template cannot be read, line 1: 'break' stands outside of a loop."),
        (
            "{{ 9223372036854775807 + 1 }}",
            "The chat template cannot be rendered, line 1: a whole number needs more than 64 bits."
        ),
    ]

    @Test(arguments: failures)
    func saysWhatIsWrong(template: String, message: String) throws {
        let error = try #require(throws: TokenizerError.self) { try Self.render(template) }
        #expect(error.description == message)
    }
}
