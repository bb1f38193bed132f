import Foundation
import Testing

@testable import TheriacTokenizers

/// Templates come from strangers: whatever they say, rendering ends soon, with an error and not with the process.
@Suite struct ChatTemplateLimitsTests {
    static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    struct Hostile: CustomTestStringConvertible {
        let testDescription: String
        let template: String

        init(_ name: String, _ template: String) { (testDescription, self.template) = (name, template) }
    }

    static let hostile: [Hostile] = [
        .init("loops", repeated("{% for i in range(9999) %}", 4) + "x" + repeated("{% endfor %}", 4)),
        .init(
            "doubling",
            "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}"
        ),
        .init(
            "doubling lists",
            "{% set n = namespace(s=[1]) %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}"
        ),
        .init("product", "{{ 'x' * 9999999999 }}"), .init("product of lists", "{{ [1] * 9999999999 }}"),
        .init("largest product", "{{ 'xx' * 9223372036854775807 }}"),
        .init("width", "{{ 'x' | center(9999999999) }}"),
        .init("indentation", "{{ {'a': 1} | tojson(indent=9999999999) }}"),
        .init("margin", "{{ 'x' | indent(9999999999, true) }}"),
        .init("replacing", "{% set a = 'x' * 1000000 %}{{ a | replace('x', a) }}"),
        .init("joining", "{% set a = 'x' * 1000000 %}{{ a | join(a) }}"),
        .init("output", "{% set a = 'x' * 9000000 %}{{ a }}{{ a }}{{ a }}{{ a }}"),
        .init("macros", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
        .init(
            "macros twice",
            "{% macro m(k) %}{% if k %}{{ m(k - 1) }}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(30) }}"
        ),
        .init("brackets", "{{ " + repeated("(", 5000) + "1" + repeated(")", 5000) + " }}"),
        .init("lists", "{{ " + repeated("[", 5000) + repeated("]", 5000) + " }}"),
        .init("blocks", repeated("{% if true %}", 5000) + repeated("{% endif %}", 5000)),
        .init("signs", "{{ " + repeated("-", 5000) + "1 }}"),
        .init("nots", "{{ " + repeated("not ", 5000) + "1 }}"),
        .init("attributes", "{{ x" + repeated(".a", 5000) + " }}"),
        .init("filters", "{{ 1" + repeated("|string", 5000) + " }}"),
        .init("conditions", "{{ 1" + repeated(" if 1", 5000) + " }}"),
        .init(
            "deep values",
            "{% set n = namespace(s=[]) %}{% for i in range(9999) %}{% set n.s = [n.s] %}{% endfor %}{{ n.s }}"
        ),
        .init(
            "deep mappings",
            "{% set n = namespace(s={}) %}{% for i in range(9999) %}{% set n.s = {'a': n.s} %}{% endfor %}"
        ),
        .init(
            "deep methods",
            "{% set n = namespace(s=[]) %}{% for i in range(9999) %}{% set n.s = [n.s.count] %}{% endfor %}"
        ),
        .init(
            "wide values",
            "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}"
        ),
        .init(
            "wide equality",
            "{% set n = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.s == n.t }}"
        ),
        .init(
            "wide JSON",
            "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s | tojson }}"
        ),
        .init("range", "{{ range(-9223372036854775807, 9223372036854775807) }}"),
        .init("smallest number", "{{ (-9223372036854775807 - 1) // -1 }}"),
        .init("printed circle", "{% set n = namespace() %}{% set n.s = [n] %}{{ n.s }}"),
        .init("power", "{{ 10 ** 1000000000000 }}"),
    ]

    @Test(arguments: hostile)
    func endsWithAnError(_ hostile: Hostile) throws {
        var limits = ChatTemplate.Limits()
        limits.steps = 200_000
        #expect(throws: TokenizerError.self) {
            try ChatTemplate(hostile.template, limits: limits).render([:])
        }
    }

    /// Long but flat templates are no danger.
    @Test func takesLongTemplates() throws {
        let sum = "{{ 0" + Self.repeated(" + 1", 5000) + " }}"
        let branches = "{% if false %}" + Self.repeated("{% elif false %}", 5000) + "{% else %}x{% endif %}"
        #expect(try ChatTemplateTests.render(sum + branches) == "5000x")
    }

    /// Values that hold each other are let go of: macros and their scopes, namespaces in circles and in long chains.
    @Test func releasesCircles() throws {
        let template = """
            {% set n = namespace() %}{% set n.me = n %}{% macro m() %}{{ n }}{% endmacro %}{% set n.m = m %}
            {% set c = namespace(last=none) %}
            {% for i in range(20000) %}{% set c.last = namespace(before=c.last) %}{% endfor %}done
            """
        #expect(try ChatTemplateTests.render(template) == "done")
        weak var namespace: TemplateNamespace?
        do {
            let evaluator = TemplateEvaluator(limits: .init(), date: Date())
            let made = evaluator.makeNamespace()
            made.values["me"] = .namespace(made)
            namespace = made
            evaluator.release()
        }
        #expect(namespace == nil)
    }

    /// Random cuts and doublings of a template give text or an error, and no crash.
    @Test func survivesDamagedTemplates() throws {
        let source = Array(
            "{%- set ns = namespace(a=1) -%}{% for m in ms[::-1] if m.x %}{{ m['x']|default('y', true)|tojson(indent=2) ~ loop.index0 }}{% else %}{# c #}{% endfor %}{% macro f(a, b={'k': [1, -2.5e3]}) %}{{ a.strip()[1:] }}{% endmacro %}{{ f('\\u00e9q', b=(1,)) if ns.a is number and not x is defined else none }}"
                .unicodeScalars)
        var draws = Draws(state: 7)
        func random(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &draws) }
        var rendered = 0
        for _ in 0..<2000 {
            var text = source
            for _ in 0...random(3) {
                let start = random(text.count)
                let end = min(text.count, start + random(6))
                if random(2) == 0 {
                    text.removeSubrange(start..<end)
                } else {
                    text.insert(contentsOf: text[start..<end], at: random(text.count))
                }
            }
            do {
                _ = try ChatTemplateTests.render(TemplateText(text).string, ["ms": [["x": "a"], ["x": 2]]])
                rendered += 1
            } catch is TokenizerError {}
        }
        #expect(rendered > 20)
    }
}
