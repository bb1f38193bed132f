import Testing

@testable import TheriacTokenizers

@Suite struct PreTokenizerTests {
    /// The pieces a file's pre-tokenizers cut a text into.
    static func pieces(_ text: String, _ preTokenizers: String...) throws -> [String] {
        let file = """
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [\(preTokenizers.joined(separator: ","))]},
             "model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}}}
            """
        let parts = try TokenizerFile(data: Array(file.utf8), file: "t").read()
        var section = Section()
        Array(text.utf8).withUnsafeBufferPointer { section.load($0, startingAt: 0, tracksPlaces: false) }
        for step in parts.pipeline.preTokenizers { step.preTokenize(&section) }
        return section.pieces.map { String(decoding: section.bytes[$0], as: UTF8.self) }
    }

    static func split(_ pattern: String, _ behavior: String, invert: Bool = false) -> String {
        #"{"type": "Split", "pattern": \#(pattern), "behavior": "\#(behavior)", "invert": \#(invert)}"#
    }

    /// From the documentation of the Rust library.
    static let behaviors: [(name: String, pieces: [String])] = [
        ("Removed", ["the", "final", "countdown"]),
        ("Isolated", ["the", "-", "final", "-", "-", "countdown"]),
        ("MergedWithPrevious", ["the-", "final-", "-", "countdown"]),
        ("MergedWithNext", ["the", "-final", "-", "-countdown"]),
        ("Contiguous", ["the", "-", "final", "--", "countdown"]),
    ]

    @Test(arguments: behaviors)
    func cutsAtMatches(name: String, pieces: [String]) throws {
        let text = "the-final--countdown"
        #expect(try Self.pieces(text, Self.split(#"{"String": "-"}"#, name)) == pieces)
        #expect(try Self.pieces(text, Self.split(#"{"Regex": "-"}"#, name)) == pieces)
        #expect(try Self.pieces(text, #"{"type": "Punctuation", "behavior": "\#(name)"}"#) == pieces)
        if name == "Removed" {
            #expect(try Self.pieces(text, #"{"type": "CharDelimiterSplit", "delimiter": "-"}"#) == pieces)
            let inverted = Self.split(#"{"Regex": "[a-z]+"}"#, name, invert: true)
            #expect(try Self.pieces(text, inverted) == pieces)
        }
    }

    static let cases: [(preTokenizer: String, text: String, pieces: [String])] = [
        (
            #"{"type": "BertPreTokenizer"}"#, "Don't  stop: 12345!!",
            ["Don", "'", "t", "stop", ":", "12345", "!", "!"]
        ),
        (#"{"type": "BertPreTokenizer"}"#, "tab\t\tx\r\ny…$", ["tab", "x", "y", "…", "$"]),
        (#"{"type": "Whitespace"}"#, "Hi, it's_me  ½!?", ["Hi", ",", "it", "'", "s_me", "½!?"]),
        (#"{"type": "WhitespaceSplit"}"#, " Hi,\u{3000}you\n", ["Hi,", "you"]),
        (#"{"type": "Digits", "individual_digits": true}"#, "a12b³", ["a", "1", "2", "b", "³"]),
        (#"{"type": "Digits", "individual_digits": false}"#, "a12b³", ["a", "12", "b", "³"]),
        (#"{"type": "UnicodeScripts"}"#, " ab мир、カな漢 1", ["ab ", "мир", "、", "カな漢 ", "1"]),
        (#"{"type": "FixedLength", "length": 2}"#, "aéb", ["aé", "b"]),
        (#"{"type": "Metaspace", "replacement": "▁"}"#, " a  b", ["▁a", "▁", "▁b"]),
        (
            #"{"type": "Metaspace", "replacement": "_", "prepend_scheme": "never", "split": false}"#, "a b",
            ["a_b"]
        ),
        (#"{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}"#, "é b", ["ĠÃ©", "Ġb"]),
    ]

    @Test(arguments: cases)
    func cutsText(preTokenizer: String, text: String, pieces: [String]) throws {
        #expect(try Self.pieces(text, preTokenizer) == pieces)
    }

    @Test func takesStepsInTurn() throws {
        let steps = [#"{"type": "WhitespaceSplit"}"#, #"{"type": "Metaspace", "replacement": "▁"}"#]
        #expect(try Self.pieces(" a  b-c", steps[0], steps[1]) == ["▁a", "▁b-c"])
        let first = #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}"#
        #expect(try Self.pieces("a b", steps[0], first) == ["▁a", "b"])
        #expect(try Self.pieces(" a b", steps[0], first) == ["a", "b"])
    }

    /// From the library itself, as in the interface notes.
    static let words: [(text: String, llama: [String], qwen: [String])] = [
        (
            "Don't  stop: 12345!!", ["Don", "'t", " ", " stop", ":", " ", "123", "45", "!!"],
            ["Don", "'t", " ", " stop", ":", " ", "1", "2", "3", "4", "5", "!!"]
        ),
        ("I'LL go…ok", ["I", "'LL", " go", "…ok"], ["I", "'LL", " go", "…ok"]),
        (" lead  ", [" lead", "  "], [" lead", "  "]),
        ("tab\t\tx\r\ny", ["tab", "\t", "\tx", "\r\n", "y"], ["tab", "\t", "\tx", "\r\n", "y"]),
        ("e\u{301}\n\n  x", ["e", "\u{301}\n\n", " ", " x"], ["e", "\u{301}\n\n", " ", " x"]),
        ("'\u{17F} 're'", ["'\u{17F}", " '", "re", "'"], ["'\u{17F}", " '", "re", "'"]),
        ("a \n \n b", ["a", " \n \n", " b"], ["a", " \n \n", " b"]),
        (" !\n\na", [" !\n\n", "a"], [" !\n\n", "a"]),
    ]

    @Test(arguments: words)
    func cutsAsTheFamiliesDo(text: String, llama: [String], qwen: [String]) throws {
        for (pattern, pieces) in zip(WordPattern.all, [llama, qwen]) {
            #expect(
                Self.matches(of: pattern, in: text).map { Array($0.utf8) } == pieces.map { Array($0.utf8) })
        }
    }

    /// The scanners and Foundation's engine, on scalars that both know.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func agreesWithTheExpressions(seed: UInt64) throws {
        var draws = Draws(state: seed)
        let alphabet = Array("ab'sdmtlverSDLE 12 ½é你 \n\r\t.,!_’\u{301}\u{903}😀\u{3000}".unicodeScalars)
        var scalars = String.UnicodeScalarView()
        for _ in 0..<50 { scalars.append(try #require(alphabet.randomElement(using: &draws))) }
        let text = String(scalars)
        for pattern in WordPattern.all {
            let expression = try #require(ExpressionPattern(pattern.source))
            #expect(Self.matches(of: pattern, in: text) == Self.matches(of: expression, in: text))
        }
        for source in GPT2Pattern.sources {
            let expression = try #require(ExpressionPattern(source))
            #expect(Self.matches(of: GPT2Pattern(), in: text) == Self.matches(of: expression, in: text))
        }
        for source in [" {2,}", "a+", "é{1,}", "\n{3,}"] {
            let run = try #require(RunPattern(source))
            let expression = try #require(ExpressionPattern(source))
            #expect(Self.matches(of: run, in: text) == Self.matches(of: expression, in: text))
        }
    }

    static func matches(of pattern: any TextPattern, in text: String) -> [String] {
        var matches: [String] = []
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            pattern.forEachMatch(in: 0..<bytes.count, of: bytes) {
                matches.append(String(decoding: bytes[$0], as: UTF8.self))
            }
        }
        return matches
    }

    @Test func readsAWordCharacterAsTheReferenceDoes() throws {
        let pattern = try #require(ExpressionPattern(#"\w+"#))
        #expect(Self.matches(of: pattern, in: "a½b\u{200D}c ⅔_1\u{301}Ⓐ") == ["a½b", "c", "_1\u{301}Ⓐ"])
    }

    @Test func refusesBrokenPatterns() throws {
        for pattern in [#"{"Regex": "("}"#, #"{"String": ""}"#, "{}", #"{"Regex": 1}"#] {
            #expect(throws: TokenizerError.self) { try Self.pieces("a", Self.split(pattern, "Removed")) }
        }
        #expect(throws: TokenizerError.self) {
            try Self.pieces("a", Self.split(#"{"String": "a"}"#, "Sideways"))
        }
    }
}
