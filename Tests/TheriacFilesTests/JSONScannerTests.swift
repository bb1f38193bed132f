import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct JSONScannerTests {
    static func scan(_ text: String) throws -> JSONValue {
        try Array(text.utf8).withUnsafeBytes { try JSONScanner.value(in: $0) }
    }

    static let values: [(text: String, value: JSONValue)] = [
        ("null", .null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)),
        ("1e-3", .number(0.001)),
        ("\"\"", .string("")), (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u00e9\ud83d\ude00""#, .string("é😀")), ("\"é😀\"", .string("é😀")),
        ("[]", .array([])), ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])),
        ("{}", .object([:])),
        (#"{"a" : 1 , "b":{"a":2}}"#, .object(["a": .integer(1), "b": .object(["a": .integer(2)])])),
    ]

    @Test(arguments: values)
    func reads(text: String, value: JSONValue) throws {
        #expect(try Self.scan(text) == value)
    }

    static let refused = [
        "", " ", "nul", "nulll", "01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity", "1e999", "\"",
        "\"\\\"", "\"\\x\"",
        "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "[", "[1", "[1,]", "[,1]",
        "[1 2]",
        "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "1 2", "{} {}", "\0", "{}\0",
        String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: refused)
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try Self.scan(text) }
    }

    @Test func refusesStringsThatAreNotUTF8() {
        #expect(throws: JSONError(offset: 1, reason: "a string is not UTF-8")) {
            try ([0x22, 0xC3, 0x22] as [UInt8]).withUnsafeBytes { try JSONScanner.value(in: $0) }
        }
    }

    @Test func keepsOnlyTheWantedMembers() throws {
        let text = #"{"skip":{"id":1,"x":["\""]},"text":"t","n":1.5,"more":null}"#
        let found = try Array(text.utf8).withUnsafeBytes { try JSONScanner.members(["text", "id"], in: $0) }
        #expect(found == [.string("t"), nil])
    }

    @Test(arguments: ["[]", "{\"text\":1,\"text\":2}", "{\"x\":tru}", "{\"x\":1} x", "{\"x\":\"\\q\"}"])
    func checksSkippedMembersToo(text: String) {
        #expect(throws: JSONError.self) {
            try Array(text.utf8).withUnsafeBytes { try JSONScanner.members(["text"], in: $0) }
        }
    }

    /// Any bytes at all: an error or a value, never the end of the process.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func survivesDamage(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes = Array(#"{"a":[1,2.5e3,"x\u00e9\ud83d\ude00"],"b":{"c":null,"d":true}}"#.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.removeLast(min(bytes.count - 1, place))
            }
        }
        let whole = bytes.withUnsafeBytes { try? JSONScanner.value(in: $0) }
        let members = bytes.withUnsafeBytes { try? JSONScanner.members(["a"], in: $0) }
        if whole?["b"] != nil { #expect(members != nil) }
    }
}
