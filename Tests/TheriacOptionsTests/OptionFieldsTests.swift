import Foundation
import Testing
import TheriacOptions

private enum Sampler: String, OptionReadable, CaseIterable {
    case greedy
    case nucleus
}

private struct DExperts: Options, Equatable {
    var alpha: Float = 2.0
    var baseTopP: Double = 0.9
    var steps: Int = 10
    var sampler: Sampler = .nucleus
    var expert: URL?
    var words: [String] = ["a"]
    var limit: Int?
    var isOn = false

    init() {}

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("alpha", into: &alpha, in: 0...10)
        try fields.read("base-top-p", into: &baseTopP, in: 0...1)
        try fields.read("steps", into: &steps, in: 1...100)
        try fields.read("sampler", into: &sampler)
        try fields.read("expert", into: &expert)
        try fields.read("words", into: &words)
        try fields.read("limit", into: &limit, in: 1...5)
        try fields.read("is-on", into: &isOn)
    }
}

private struct Recipe: Options, Equatable {
    var method = DExperts()
    var seeds: [String: Int] = [:]
    var name = ""

    init() {}

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        name = try fields.require("name")
        try fields.read("method", into: &method)
        try fields.read("seeds", into: &seeds)
    }
}

@Suite struct OptionFieldsTests {
    private static func dexperts(_ yaml: String) throws -> DExperts {
        try DExperts(OptionValue(yaml: yaml, source: "r.yaml"), path: "method.dexperts", source: "r.yaml")
    }

    /// The sentences people see, word for word, for the same mistakes in YAML and in JSON.
    static let mistakes: [(options: String, sentence: String)] = [
        (#"{"alhpa": 1}"#, "Unknown option 'alhpa' in method.dexperts. Did you mean 'alpha'?"),
        (#"{"base_top_p": 1}"#, "Unknown option 'base_top_p' in method.dexperts. Did you mean 'base-top-p'?"),
        (#"{"Alpha": 1}"#, "Unknown option 'Alpha' in method.dexperts. Did you mean 'alpha'?"),
        (#"{"zzz": 1}"#, "Unknown option 'zzz' in method.dexperts."),
        (#"{"alpha": 12.0}"#, "method.dexperts.alpha is 12.0; it must be in 0.0...10.0."),
        (#"{"alpha": 12}"#, "method.dexperts.alpha is 12.0; it must be in 0.0...10.0."),
        (#"{"steps": 0}"#, "method.dexperts.steps is 0; it must be in 1...100."),
        (#"{"steps": 1.5}"#, "method.dexperts.steps is 1.5; it must be a whole number."),
        (#"{"alpha": "2"}"#, "method.dexperts.alpha is '2'; it must be a number."),
        (#"{"alpha": null}"#, "method.dexperts.alpha is empty; it must be a number."),
        (#"{"is-on": "yes"}"#, "method.dexperts.is-on is 'yes'; it must be true or false."),
        (#"{"is-on": 1}"#, "method.dexperts.is-on is 1; it must be true or false."),
        (
            #"{"sampler": "greddy"}"#,
            "method.dexperts.sampler is 'greddy'; it must be one of greedy, nucleus. Did you mean 'greedy'?"
        ),
        (#"{"sampler": 3}"#, "method.dexperts.sampler is 3; it must be one of greedy, nucleus."),
        (#"{"words": "a"}"#, "method.dexperts.words is 'a'; it must be a list."),
        (#"{"words": ["a", 2]}"#, "method.dexperts.words[1] is 2; it must be a text (put it in quotes)."),
        (#"{"expert": ""}"#, "method.dexperts.expert is ''; it must be a path."),
        (#"{"limit": 6}"#, "method.dexperts.limit is 6; it must be in 1...5."),
        (#"[1]"#, "method.dexperts is a list; it must be a group of options."),
    ]

    @Test(arguments: mistakes)
    func explainsMistakes(options: String, sentence: String) throws {
        let fromYAML = #expect(throws: OptionsError.self) { try Self.dexperts(options) }
        #expect(fromYAML?.description == sentence)
        let fromJSON = #expect(throws: OptionsError.self) {
            let value = try OptionValue(json: Data(options.utf8), source: "r.json")
            return try DExperts(value, path: "method.dexperts", source: "r.json")
        }
        if !options.contains("12.0") { #expect(fromJSON?.description == sentence) }
    }

    @Test func refusesNumbersThatAreNotFinite() {
        for number in [".nan", ".inf"] {
            #expect(throws: OptionsError.self) { try Self.dexperts("alpha: \(number)") }
        }
        #expect(throws: OptionsError.self) { try Self.dexperts("alpha: 1e300") }
    }

    @Test func keepsDefaultsOfWhatIsAbsent() throws {
        #expect(try Self.dexperts("") == DExperts())
        #expect(try Self.dexperts("{}") == DExperts())
        #expect(try DExperts(.null, path: "", source: "") == DExperts())
    }

    @Test func readsEveryKind() throws {
        let options = try Self.dexperts(
            """
            alpha: 3
            base-top-p: 1e-3
            steps: 1e1
            sampler: greedy
            expert: models/expert
            words: [b, "c"]
            limit: 5
            is-on: true
            """)
        #expect(options.alpha == 3)
        #expect(options.baseTopP == 0.001)
        #expect(options.steps == 10)
        #expect(options.sampler == .greedy)
        #expect(options.expert?.relativePath.hasSuffix("models/expert") == true)
        #expect(options.words == ["b", "c"])
        #expect(options.limit == 5)
        #expect(options.isOn)
        #expect(try Self.dexperts("limit: ~").limit == nil)
    }

    @Test func namesNestedFieldsByTheirPath() throws {
        let nested = #expect(throws: OptionsError.self) {
            let value = try OptionValue(yaml: "name: n\nmethod: {alpha: 11}", source: "r.yaml")
            return try Recipe(value, source: "r.yaml")
        }
        #expect(nested?.description == "method.alpha is 11.0; it must be in 0.0...10.0.")
        let group = #expect(throws: OptionsError.self) {
            try Recipe(OptionValue(yaml: "name: n\nseeds: {a: x}", source: "r.yaml"), source: "r.yaml")
        }
        #expect(group?.description == "seeds.a is 'x'; it must be a whole number.")
        let top = #expect(throws: OptionsError.self) {
            try Recipe(OptionValue(yaml: "name: n\nmethdo: {}", source: "r.yaml"), source: "r.yaml")
        }
        #expect(top?.description == "Unknown option 'methdo' in the top level. Did you mean 'method'?")
    }

    @Test func saysWhatIsMissing() throws {
        let error = #expect(throws: OptionsError.self) { try Recipe(.null, path: "", source: "r.yaml") }
        #expect(error?.description == "r.yaml: the option 'name' is missing in the top level.")
    }

    @Test func mayAllowUnknownKeys() throws {
        var fields = try OptionFields(.object(["a": .integer(1)]), path: "", source: "config.json")
        fields.allowUnknown()
        try fields.finish()
        #expect(fields.names == ["a"])
        #expect(fields.value("a") == .integer(1))
        #expect(fields.value("b") == nil)
        #expect(try fields.fields("b")?.names == nil)
        #expect(throws: OptionsError.self) { _ = try fields.fields("a") }
    }
}
