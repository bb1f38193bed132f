import Foundation

@testable import TheriacTokenizers

/// A folder with tokenizer files, removed when the value is.
final class TokenizerFixture {
    let folder: URL

    init(_ files: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tokenizer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, content) in files {
            try Data(content.utf8).write(to: folder.appendingPathComponent(name))
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func load() throws -> Tokenizer { try Tokenizer(folder: folder) }

    /// The 256 byte tokens in byte order, then `joined`.
    static func vocabulary(_ joined: [String] = []) -> [String] {
        (0...255).map { String(decoding: ByteAlphabet.utf8(of: UInt8($0)), as: UTF8.self) } + joined
    }

    static func json(_ vocabulary: [String]) throws -> String {
        let fields = try vocabulary.enumerated().map { "\(try quoted($1)): \($0)" }
        return "{\(fields.joined(separator: ", "))}"
    }

    /// A `tokenizer.json` with the 256 byte tokens, the tokens that `merges` make, and `added` after those.
    static func file(
        merges: [(String, String)] = [], added: String = "", preTokenizer: String = byteLevel,
        postProcessor: String = "null", decoder: String = #"{"type": "ByteLevel"}"#,
        normalizer: String = "null",
        settings: String = "", vocabulary: String? = nil, mergesJSON: String? = nil
    ) throws -> String {
        let vocabulary = try vocabulary ?? json(self.vocabulary(merges.map { $0.0 + $0.1 }))
        let pairs =
            try mergesJSON
            ?? "[\(merges.map { "[\(try quoted($0.0)), \(try quoted($0.1))]" }.joined(separator: ","))]"
        return """
            {"version": "1.0", "truncation": {"max_length": 4}, "padding": null, "added_tokens": [\(added)],
             "normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
             "post_processor": \(postProcessor),
             "decoder": \(decoder),
             "model": {"type": "BPE", \(settings)"vocab": \(vocabulary), "merges": \(pairs)}}
            """
    }

    static let byteLevel =
        #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"#

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}

/// A reproducible stream of random numbers.
struct Draws: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// Text with scalars of all planes, and many that are troublesome.
    mutating func text(upTo count: Int) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            let kind = Int.random(in: 0..<5, using: &self)
            let value: UInt32 =
                switch kind {
                case 0: .random(in: 0...0x7F, using: &self)
                case 1: .random(in: 0x80...0x7FF, using: &self)
                case 2: .random(in: 0x800...0xFFFF, using: &self)
                case 3: .random(in: 0x10000...0x10FFFF, using: &self)
                default: Self.troublesome.randomElement(using: &self) ?? 0
                }
            if let scalar = Unicode.Scalar(value) { text.append(scalar) }
        }
        return String(text)
    }

    /// NUL, BOM, joiners, combining marks, variation selectors, bidirectional controls, blanks of all kinds.
    private static let troublesome: [UInt32] = [
        0, 0x07, 0x0A, 0x0D, 0x20, 0x20, 0x27, 0x85, 0xA0, 0xAD, 0x301, 0x308, 0x65, 0xE9, 0x1F469, 0x200D,
        0x1F467,
        0x1F3FB, 0x20E3, 0xFE0F, 0xFEFF, 0xFFFD, 0xFFFF, 0x2028, 0x202E, 0x3000, 0x1100, 0x1161, 0xAC00,
        0xE0001, 0x10FFFF,
    ]
}
