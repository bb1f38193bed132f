import Foundation
import Testing
import TheriacOptions

@Suite struct OptionValueTests {
    static let scalars: [(yaml: String, value: OptionValue)] = [
        ("yes", .string("yes")), ("no", .string("no")), ("on", .string("on")), ("off", .string("off")),
        ("y", .string("y")), ("true", .bool(true)), ("False", .bool(false)), ("'true'", .string("true")),
        ("1", .integer(1)), ("-3", .integer(-3)), ("+3", .integer(3)), ("010", .integer(10)),
        ("0x1F", .integer(31)),
        ("1e-3", .number(0.001)), ("1E5", .number(100_000)), ("5e-4", .number(0.0005)), (".5", .number(0.5)),
        ("5.", .number(5)), ("12.0", .number(12)), ("\"1\"", .string("1")), ("1:30", .string("1:30")),
        ("2026-11-22", .string("2026-11-22")), ("1_000", .string("1_000")), ("~", .null), ("null", .null),
        ("99999999999999999999", .number(1e20)), ("gpt2", .string("gpt2")), ("1.2.3", .string("1.2.3")),
        ("e5", .string("e5")), (".", .string(".")), ("-", .list([.null])),
    ]

    @Test(arguments: scalars)
    func readsYAMLScalars(yaml: String, value: OptionValue) throws {
        #expect(try OptionValue(yaml: yaml, source: "t") == value)
    }

    @Test func readsAnchorsAndMergeKeys() throws {
        let value = try OptionValue(
            yaml: """
                base: &base {alpha: 1, beta: 2}
                more: &more {beta: 9, gamma: 3}
                one: {<<: *base, beta: 5}
                two:
                  <<: [*base, *more]
                same: *base
                """, source: "t")
        guard case .object(let members) = value else { throw Unexpected() }
        #expect(members["one"] == .object(["alpha": .integer(1), "beta": .integer(5)]))
        #expect(members["two"] == .object(["alpha": .integer(1), "beta": .integer(2), "gamma": .integer(3)]))
        #expect(members["same"] == members["base"])
    }

    private struct Unexpected: Error {}

    static let syntaxErrors: [(yaml: String, sentence: String)] = [
        ("a: [1, 2\nb: 3\n", "r.yaml: not valid YAML at line 2, column 2: did not find expected ',' or ']'."),
        (
            "a: 1\n\tb: 2\n",
            "r.yaml: not valid YAML at line 2, column 1: found a tab character that violates indentation."
        ),
        ("a: 1\nb: 2\na: 3\n", "r.yaml: the key 'a' at line 1, column 1 appears twice in one group."),
        ("? [1]\n: 2\n", "r.yaml: a key at line 1, column 3 is not a word."),
        ("<<: 1\n", "r.yaml: the merge key at line 1, column 1 is not given a group."),
        ("a: *gone\n", "r.yaml: not valid YAML at line 1, column 4: found undefined alias."),
    ]

    @Test(arguments: syntaxErrors)
    func saysWhereYAMLIsWrong(yaml: String, sentence: String) {
        let error = #expect(throws: OptionsError.self) { try OptionValue(yaml: yaml, source: "r.yaml") }
        #expect(error?.description == sentence)
    }

    @Test func refusesDocumentsThatUnfoldWithoutEnd() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let names = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(names)]\n"
        }
        #expect(throws: OptionsError.syntax(source: "t", reason: "it is too large or nested too deeply")) {
            try OptionValue(yaml: yaml, source: "t")
        }
    }

    @Test func namesTheFile() throws {
        let error = #expect(throws: OptionsError.self) {
            try OptionValue(yamlFile: URL(fileURLWithPath: "/nowhere/r.yaml"))
        }
        #expect(error?.description == "Cannot read '/nowhere/r.yaml': there is no such file.")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data([0x61, 0x3A, 0xFF]).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let encoding = #expect(throws: OptionsError.self) { try OptionValue(yamlFile: file) }
        #expect(encoding?.description == "\(file.path): it is not UTF-8.")
    }

    @Test func readsAndWritesJSON() throws {
        let text = #"{"a":[1,2.5,"x",true,false,null],"b":{"c":"d/e"}}"#
        let value = try OptionValue(json: Data(text.utf8), source: "t")
        #expect(
            value
                == .object([
                    "a": .list([.integer(1), .number(2.5), .string("x"), .bool(true), .bool(false), .null]),
                    "b": .object(["c": .string("d/e")]),
                ]))
        #expect(try OptionValue(json: value.jsonData, source: "t") == value)
        #expect(try OptionValue(yaml: text, source: "t") == value)
    }

    static let badJSON: [(json: String, sentence: String)] = [
        ("", "r.json: not valid JSON, it ends too early."),
        ("{\"a\":\n \"x", "r.json: not valid JSON, it ends too early."),
        ("{\"a\":\n  [1, 2\n}", "r.json: not valid JSON near line 3, column 1."),
        ("{} x", "r.json: not valid JSON near line 1, column 4."),
    ]

    @Test(arguments: badJSON)
    func saysWhereJSONIsWrong(json: String, sentence: String) {
        let error = #expect(throws: OptionsError.self) {
            try OptionValue(json: Data(json.utf8), source: "r.json")
        }
        #expect(error?.description == sentence)
    }

    @Test func laysFlagsOverAFile() throws {
        let base = try OptionValue(yaml: "a: {b: 1, c: [1]}\nd: 2", source: "t")
        let flags = try OptionValue(yaml: "a: {c: [3], e: 4}", source: "t")
        #expect(try base.merging(flags) == OptionValue(yaml: "a: {b: 1, c: [3], e: 4}\nd: 2", source: "t"))
    }

    @Test(
        arguments: [
            ("2.5", .number(2.5)), ("a, b: c: d", .string("a, b: c: d")), ("[1]", .list([.integer(1)])),
            ("", .string("")),
        ]
            as [(String, OptionValue)])
    func readsFlags(text: String, value: OptionValue) throws {
        #expect(try OptionValue(flag: text, path: "x") == value)
    }
}
