import Foundation
import Testing
import TheriacFiles
import TheriacTesting

/// Every row of the reference library's accept and refuse table.
@Suite struct SafetensorsFileTests {
    /// A file of `header`, its length or a false one, and that many bytes of data.
    static func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(header.utf8.count)
        return withUnsafeBytes(of: length.littleEndian, Array.init) + Array(header.utf8)
            + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
    }

    static func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
        let folder = try TemporaryFolder()
        return try SafetensorsFile(contentsOf: folder.write(Data(bytes), to: "a.safetensors"))
    }

    private static func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
        #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    static let a = entry("F32", "[2]", "[0,8]")
    static let b = entry("U8", "[3]", "[8,11]")

    static let accepted: [(name: String, bytes: [UInt8], tensors: Int)] = [
        ("an empty object", file("{}"), 0),
        ("a tensor", file("{\"a\":\(a)}", data: 8), 1),
        ("key order other than offset order", file("{\"b\":\(b),\"a\":\(a)}", data: 11), 2),
        ("blanks before and after the header", file("  {\"a\":\(a)}  \n ", data: 8), 1),
        ("a header length that is no multiple of 8", file("{} "), 0),
        ("null metadata", file("{\"__metadata__\":null}"), 0),
        ("metadata", file("{\"__metadata__\":{\"format\":\"pt\"}}"), 0),
        ("an unknown field in an entry", file("{\"a\":\(a.dropLast()),\"more\":[{}]}}", data: 8), 1),
        ("a scalar", file("{\"a\":\(entry("F64", "[]", "[0,8]"))}", data: 8), 1),
        ("a shape with a 0", file("{\"a\":\(entry("F64", "[3,0]", "[0,0]"))}"), 1),
        (
            "misaligned data",
            file("{\"a\":\(entry("U8", "[1]", "[0,1]")),\"b\":\(entry("F32", "[1]", "[1,5]"))}", data: 5), 2
        ),
        ("whole bytes of a sub-byte type", file("{\"a\":\(entry("F4", "[2,3]", "[0,3]"))}", data: 3), 1),
        ("four elements in three bytes", file("{\"a\":\(entry("F6_E2M3", "[4]", "[0,3]"))}", data: 3), 1),
        ("an escaped name", file("{\"\\u0061\":\(a)}", data: 8), 1),
    ]

    @Test(arguments: accepted)
    func accepts(name: String, bytes: [UInt8], tensors: Int) throws {
        #expect(try Self.open(bytes).tensors.count == tensors)
    }

    static let refused: [(name: String, bytes: [UInt8], reason: String)] = [
        ("an empty file", [], "it is shorter than 8 bytes"),
        ("seven bytes", [0, 0, 0, 0, 0, 0, 0], "it is shorter than 8 bytes"),
        (
            "a huge header", file("{}", length: 100_000_001),
            "the header is too large (100000001 bytes; the limit is 100000000)"
        ),
        (
            "a header length with the top bit set", file("{}", length: .max),
            "the header is too large (\(UInt64.max) bytes; the limit is 100000000)"
        ),
        (
            "a header longer than the file", file("{}", length: 3),
            "the header should have 3 bytes, but the whole file has 10"
        ),
        (
            "no header", file(""),
            "the header is not valid JSON: it ends where a value should begin (byte 0)"
        ),
        ("a list", file("[]"), "the header is not an object"),
        ("NUL padding", file("{}\0\0"), "the header is not valid JSON: something follows the value (byte 2)"),
        (
            "a header that is not UTF-8",
            Array(file("{\"").dropFirst(8)).reduce(into: [5, 0, 0, 0, 0, 0, 0, 0]) { $0.append($1) }
                + [0xFF, 0x22, 0x7D], "the header is not valid JSON: a string is not UTF-8 (byte 2)"
        ),
        (
            "bytes after the last tensor", file("{\"a\":\(a)}", data: 9),
            "its tensors fill 8 bytes, but 9 follow the header"
        ),
        (
            "a buffer that is too short", file("{\"a\":\(a)}", data: 7),
            "its tensors fill 8 bytes, but 7 follow the header"
        ),
        ("a gap at the start", file("{\"b\":\(b)}", data: 11), "tensor 'b' leaves a gap before it"),
        (
            "a gap between tensors", file("{\"a\":\(a),\"b\":\(entry("U8", "[1]", "[9,10]"))}", data: 10),
            "tensor 'b' leaves a gap before it"
        ),
        (
            "an overlap", file("{\"a\":\(a),\"b\":\(entry("U8", "[4]", "[7,11]"))}", data: 11),
            "tensor 'b' overlaps another"
        ),
        (
            "an end before the begin", file("{\"a\":\(entry("U8", "[1]", "[1,0]"))}", data: 1),
            "tensor 'a' has no data_offsets [begin, end]"
        ),
        (
            "a size that does not fit", file("{\"a\":\(entry("F32", "[3]", "[0,8]"))}", data: 8),
            "tensor 'a' needs 12 bytes, its data_offsets span 8"
        ),
        (
            "a product that overflows",
            file("{\"a\":\(entry("U8", "[4611686018427387904,4]", "[0,0]"))}"),
            "tensor 'a' of shape [4611686018427387904, 4] has no whole number of bytes"
        ),
        (
            "bits that overflow", file("{\"a\":\(entry("F64", "[2305843009213693952]", "[0,0]"))}"),
            "tensor 'a' of shape [2305843009213693952] has no whole number of bytes"
        ),
        (
            "a negative dimension", file("{\"a\":\(entry("U8", "[-1]", "[0,1]"))}", data: 1),
            "tensor 'a' has no shape of whole numbers"
        ),
        (
            "a fractional dimension", file("{\"a\":\(entry("U8", "[1.0]", "[0,1]"))}", data: 1),
            "tensor 'a' has no shape of whole numbers"
        ),
        (
            "a dimension beyond 64 bits",
            file("{\"a\":\(entry("U8", "[99999999999999999999]", "[0,1]"))}", data: 1),
            "tensor 'a' has no shape of whole numbers"
        ),
        (
            "an unknown dtype", file("{\"a\":\(entry("F12", "[1]", "[0,1]"))}", data: 1),
            "tensor 'a' has no known dtype"
        ),
        (
            "half a byte", file("{\"a\":\(entry("F4", "[3]", "[0,1]"))}", data: 1),
            "tensor 'a' of shape [3] has no whole number of bytes"
        ),
        (
            "three offsets", file("{\"a\":\(entry("U8", "[1]", "[0,1,1]"))}", data: 1),
            "tensor 'a' has no data_offsets [begin, end]"
        ),
        ("an entry that is no object", file("{\"a\":1}"), "tensor 'a' has no known dtype"),
        (
            "metadata with a number", file("{\"__metadata__\":{\"a\":1}}"),
            "__metadata__ holds a value that is not a string"
        ),
        ("metadata that is a list", file("{\"__metadata__\":[]}"), "__metadata__ is not an object"),
        (
            "a key given twice", file("{\"a\":\(a),\"a\":\(a)}", data: 8),
            "the header is not valid JSON: a key appears twice in one object (byte 54)"
        ),
    ]

    @Test(arguments: refused)
    func refuses(name: String, bytes: [UInt8], reason: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Data(bytes), to: "a.safetensors")
        #expect(throws: FileError.invalidSafetensors(file: file.path, reason: reason)) {
            try SafetensorsFile(contentsOf: file)
        }
    }

    @Test func saysWhatToDo() {
        #expect(
            FileError.invalidSafetensors(file: "a", reason: "the header is not an object").description
                == "'a' is not a valid safetensors file: the header is not an object. "
                + "It may be cut short; copy it again.")
        #expect(
            FileError.missingTensor("wte.weight", file: "a").description
                == "'a' has no tensor 'wte.weight'. Is it the checkpoint of another architecture?")
    }

    @Test func readsMisalignedBytes() throws {
        let file = try Self.open(Self.accepted[10].bytes)
        #expect(try file.withBytes(of: "b") { Array($0) } == [1, 2, 3, 4])
        #expect(throws: FileError.self) { try file.withBytes(of: "c") { $0.count } }
    }

    /// Any damage: an error or a file whose every tensor can be read.
    @Test(arguments: 0..<300 as Range<UInt64>)
    func survivesDamage(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var bytes = Self.file("{\"a\":\(Self.a),\"b\":\(Self.b)}", data: 11)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            if Bool.random(using: &random) {
                bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
            } else {
                bytes.removeLast(Int.random(in: 1...4, using: &random))
            }
        }
        guard let file = try? Self.open(bytes) else { return }
        for name in file.tensors.keys {
            #expect(try file.withBytes(of: name) { $0.reduce(0) { $0 &+ Int($1) } } >= 0)
        }
    }
}
