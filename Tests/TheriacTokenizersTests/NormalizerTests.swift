import Foundation
import Testing

@testable import TheriacTokenizers

@Suite struct NormalizerTests {
    /// What the normalizers of a file make of a text, and for each byte which bytes of the text it stands for.
    static func normalized(_ text: String, _ normalizers: String...) throws -> (
        text: String, places: [Range<Int>]
    ) {
        let file = """
            {"normalizer": {"type": "Sequence", "normalizers": [\(normalizers.joined(separator: ","))]},
             "model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}}}
            """
        let parts = try TokenizerFile(data: Array(file.utf8), file: "t").read()
        var results: [String] = []
        var places: [Range<Int>] = []
        for tracks in [false, true] {
            var section = Section()
            Array(text.utf8).withUnsafeBufferPointer { section.load($0, startingAt: 0, tracksPlaces: tracks) }
            for normalizer in parts.pipeline.normalizers { normalizer.normalize(&section) }
            results.append(String(decoding: section.bytes, as: UTF8.self))
            places = section.bytes.indices.map { section.textRange(of: $0..<$0 + 1) }
        }
        #expect(Array(results[0].utf8) == Array(results[1].utf8), "with and without places")
        return (results[1], places)
    }

    static let cases: [(normalizer: String, text: String, expected: String)] = [
        (#"{"type": "BertNormalizer"}"#, "Héllo\t WORLD你好", "hello  world 你  好 "),
        (#"{"type": "BertNormalizer", "lowercase": false}"#, "Héllo", "Héllo"),
        (#"{"type": "BertNormalizer", "strip_accents": false}"#, "HÉ\u{0}\u{FFFD}\u{85}\u{3000}", "hé "),
        (#"{"type": "NFC"}"#, "e\u{301}\u{323} \u{1100}\u{1161}\u{11A8}", "\u{1EB9}\u{301} \u{AC01}"),
        (#"{"type": "NFD"}"#, "é\u{323}각", "e\u{323}\u{301}\u{1100}\u{1161}\u{11A8}"),
        (#"{"type": "NFKC"}"#, "ﬁ①Å½", "fi1Å1⁄2"), (#"{"type": "NFKD"}"#, "Åﷺ", "A\u{30A}صلى الله عليه وسلم"),
        (#"{"type": "Lowercase"}"#, "ÀΣİ\u{1C89}", "àσi\u{307}\u{1C8A}"),
        (#"{"type": "StripAccents"}"#, "e\u{301}é\u{903}", "eé"),
        (#"{"type": "Strip", "strip_left": true, "strip_right": false}"#, "\u{3000} a ", "a "),
        (#"{"type": "Strip", "strip_left": true, "strip_right": true}"#, " \n", ""),
        (#"{"type": "Nmt"}"#, "a\u{1}\u{200B}\tb\u{7F}", "a  b"),
        (#"{"type": "Prepend", "prepend": "▁"}"#, "a", "▁a"),
        (#"{"type": "Prepend", "prepend": "▁"}"#, "", ""),
        (#"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#, "a  b", "a▁▁b"),
        (#"{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}"#, "a   b c ", "a b c "),
        (
            #"{"type": "Replace", "pattern": {"Regex": "\\s{2,}|[\\n\\r\\t]"}, "content": " "}"#,
            "a\nb \r\nc d",
            "a b c d"
        ),
        (#"{"type": "ByteLevel"}"#, "é b", "Ã©Ġb"),
    ]

    @Test(arguments: cases)
    func rewritesText(normalizer: String, text: String, expected: String) throws {
        let result = try Self.normalized(text, normalizer).text
        #expect(Array(result.utf8) == Array(expected.utf8), "\(result.debugDescription)")
    }

    @Test func remembersWhereBytesComeFrom() throws {
        // "é" of two bytes becomes "e"; the blanks around an ideograph stand for it.
        let bert = try Self.normalized("éa你", #"{"type": "BertNormalizer"}"#)
        #expect(bert.places == [0..<2, 2..<3, 3..<6, 3..<6, 3..<6, 3..<6, 3..<6])
        // A composed scalar stands for the first of its parts; what was inserted for what stood before.
        let composed = try Self.normalized("ae\u{301}b", #"{"type": "NFC"}"#)
        #expect(composed.places == [0..<1, 1..<2, 1..<2, 4..<5])
        let replaced = try Self.normalized(
            "a  b", #"{"type": "Replace", "pattern": {"Regex": " +"}, "content": "--"}"#)
        #expect(replaced.places == [0..<1, 2..<3, 2..<3, 3..<4])
        let prepended = try Self.normalized("éa", #"{"type": "Prepend", "prepend": "x"}"#)
        #expect(prepended.places == [0..<2, 0..<2, 0..<2, 2..<3])
    }

    /// Foundation composes in a newer Unicode, so only scalars that version 9 has are drawn.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func agreesWithFoundation(seed: UInt64) throws {
        var draws = Draws(state: seed)
        let text = String(
            String.UnicodeScalarView(
                draws.text(upTo: 80).unicodeScalars.filter { $0.isKnown(to: ReferenceUnicode.normalization) })
        )
        for (name, expected) in [
            ("NFC", text.precomposedStringWithCanonicalMapping),
            ("NFD", text.decomposedStringWithCanonicalMapping),
            ("NFKD", text.decomposedStringWithCompatibilityMapping),
        ] {
            let result = try Self.normalized(text, #"{"type": "\#(name)"}"#).text
            #expect(Array(result.utf8) == Array(expected.utf8), "\(name)")
        }
    }

    /// A run of marks longer than the short sort takes.
    @Test func ordersManyMarks() throws {
        let marks = String(repeating: "\u{301}\u{323}", count: 40)
        let ordered = String(repeating: "\u{323}", count: 40) + String(repeating: "\u{301}", count: 40)
        #expect(
            try Array(Self.normalized("x" + marks, #"{"type": "NFD"}"#).text.utf8)
                == Array(("x" + ordered).utf8))
    }

    /// Rules "ab" to "X", "é" (composed) to "e", U+200B to nothing, in darts-clone's form.
    @Test func appliesCompiledRules() throws {
        let map = CompiledRules(["ab": "X", "é": "e", "\u{200B}": "", "\r": " "]).base64
        let node = #"{"type": "Precompiled", "precompiled_charsmap": "\#(map)"}"#
        // "ab" is two clusters, and each is looked up alone.
        #expect(try Self.normalized("abé\u{200B}c", node).text == "abec")
        // The shortest rule replaces a whole cluster; longer than five bytes, its scalars one by one.
        #expect(try Self.normalized("é\u{301}x\r\ny", node).text == "ex y")
        #expect(
            try Array(Self.normalized("é\u{301}\u{302}", node).text.utf8) == Array("e\u{301}\u{302}".utf8))
        #expect(try Self.normalized("aéb", node).places == [0..<1, 1..<3, 3..<4])
        for damaged in ["", "AAAA", "!!", "BAAAAA==", "////////"] {
            #expect(throws: TokenizerError.self) {
                _ = try Self.normalized(
                    "a", #"{"type": "Precompiled", "precompiled_charsmap": "\#(damaged)"}"#)
            }
        }
    }
}

/// Rules in the form that SentencePiece compiles: a double array of bytes, then what replaces.
///
/// Children of a node take a block of 256 units of their own, which is easy and large.
struct CompiledRules {
    let base64: String

    init(_ rules: [String: String]) {
        var units = [UInt32](repeating: 0x8000_0000, count: 256)
        var values: [UInt8] = []
        // Node: the base of its children's block.
        func insert(_ text: ArraySlice<UInt8>, _ value: Int, under base: Int) {
            guard let byte = text.first else {
                // The leaf is the child for byte 0.
                units[base] = UInt32(value) | 0x8000_0000
                return
            }
            let place = base ^ Int(byte)
            if units[place] & 0xFF != UInt32(byte) || units[place] & 0x8000_0000 != 0 {
                let block = units.count
                units.append(contentsOf: repeatElement(0x8000_0000, count: 256))
                // Blocks lie at multiples of 256, so the offset fits its short form.
                units[place] = UInt32(byte) | UInt32(place ^ block) << 10
            }
            let child = place ^ Int(units[place] >> 10)
            if text.count == 1 { units[place] |= 0x100 }
            insert(text.dropFirst(), value, under: child)
        }
        let root = units.count
        units.append(contentsOf: repeatElement(0x8000_0000, count: 256))
        units[0] = UInt32(root) << 10
        for (text, replacement) in rules.sorted(by: { $0.key < $1.key }) {
            insert(Array(text.utf8)[...], values.count, under: root)
            values.append(contentsOf: Array(replacement.utf8) + [0])
        }
        func bytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        base64 = Data(bytes(UInt32(4 * units.count)) + units.flatMap(bytes) + values).base64EncodedString()
    }
}
