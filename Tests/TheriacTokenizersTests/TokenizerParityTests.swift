import Foundation
import Testing

import TheriacTokenizers

extension Tag {
    /// Compares with a reference implementation in another language, when that is installed.
    @Tag static var parity: Self
}

/// Ids, offsets and decoded texts equal those of the Rust library.
///
/// Reads the first 200 lines of each file under the shared data; with THERIAC_PARITY=full, all of them.
@Suite(
    .serialized, .tags(.parity),
    .enabled(if: Reference.python != nil, "no Python with `tokenizers`: set THERIAC_TEST_PYTHON"))
struct TokenizerParityTests {
    @Test(.enabled(if: Reference.shared != nil, "no shared data: set THERIAC_SHARED"))
    func agreesOnAllSharedData() throws {
        let shared = try #require(Reference.shared)
        let limit = ProcessInfo.processInfo.environment["THERIAC_PARITY"] == "full" ? 0 : 200
        try compare(
            shared.appendingPathComponent("models/reference-lm"),
            data: shared.appendingPathComponent("data").path, limit: limit)
    }

    @Test func agreesUnderUnusualSettings() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "parity-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let make = try Reference.start(["make", folder.path])
        let output = make.output.readDataToEndOfFile()
        make.process.waitUntilExit()
        try #require(make.process.terminationStatus == 0)
        let names = String(decoding: output, as: UTF8.self).split(separator: "\n")
        #expect(names.count == 8)
        for name in names {
            try compare(folder.appendingPathComponent(String(name)), data: "", limit: 0, made: 2000)
        }
    }

    /// Every family Theriac reads, and every component for itself.
    @Test func agreesForEveryFamily() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "families-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = Reference.shared?.appendingPathComponent("data").path ?? ""
        let make = try Reference.start(["make", folder.path, data], script: "tokenizer_families.py")
        let output = make.output.readDataToEndOfFile()
        make.process.waitUntilExit()
        try #require(make.process.terminationStatus == 0)
        let names = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(names.count > 80)
        let isFull = ProcessInfo.processInfo.environment["THERIAC_PARITY"] == "full"
        for name in names {
            try compare(
                folder.appendingPathComponent(name), data: isFull ? data : "", limit: isFull ? 400 : 0,
                made: isFull ? 12000 : 80)
        }
    }

    /// The vocabulary of a real model, when it was set up.
    @Test(.enabled(if: Reference.miniature != nil, "no .models/all-MiniLM-L6-v2"))
    func agreesForARealModel() throws {
        try compare(try #require(Reference.miniature), data: "", limit: 0, made: 1000)
    }

    private func compare(_ folder: URL, data: String, limit: Int, made: Int = 12000) throws {
        let tokenizer = try Tokenizer(folder: folder)
        let reference = try Reference.start(["run", folder.path, data, String(limit), String(made)])
        var reader = RecordReader(reference.output)
        var (texts, differences, first) = (0, 0, "")
        while let record = try reader.next() {
            texts += 1
            let encoding = tokenizer.encodeWithOffsets(record.text)
            var wrong: [String] = []
            if encoding.ids != record.ids { wrong.append("ids \(encoding.ids) and not \(record.ids)") }
            if encoding.offsets.flatMap({ [$0.lowerBound, $0.upperBound] }) != record.offsets {
                wrong.append("offsets \(encoding.offsets) and not \(record.offsets)")
            }
            if tokenizer.encode(record.text) != encoding.ids {
                wrong.append("encode disagrees with encodeWithOffsets")
            }
            if !tokenizer.decode(record.ids).utf8.elementsEqual(record.decoded) {
                wrong.append("decoded text")
            }
            if wrong.isEmpty { continue }
            differences += 1
            if first.isEmpty { first = "text \(texts): \(wrong.joined(separator: "; "))" }
        }
        reference.process.waitUntilExit()
        #expect(reference.process.terminationStatus == 0)
        #expect(texts > 2 * made)
        #expect(
            differences == 0,
            "\(folder.lastPathComponent): \(differences) of \(texts) texts; \(first.prefix(2000))")
        FileHandle.standardError.write(
            Data("\(folder.lastPathComponent): \(texts) texts compared, \(differences) differ\n".utf8))
    }
}

/// The Python side and the shared data.
private enum Reference {
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                break
            }
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Parity")

    /// The real all-MiniLM-L6-v2, a WordPiece tokenizer.
    static let miniature: URL? = {
        let folder = root.appendingPathComponent(".models/all-MiniLM-L6-v2")
        let file = folder.appendingPathComponent("tokenizer.json")
        return FileManager.default.fileExists(atPath: file.path) ? folder : nil
    }()

    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["THERIAC_TEST_PYTHON"]
        let path = named ?? root.appendingPathComponent(".venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    static let shared: URL? = {
        let named = ProcessInfo.processInfo.environment["THERIAC_SHARED"].map { URL(fileURLWithPath: $0) }
        let folder = named ?? root.deletingLastPathComponent().appendingPathComponent("shared")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("data").path)
            ? folder : nil
    }()

    static func start(
        _ arguments: [String], script: String = "tokenizer_parity.py"
    ) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = [scripts.appendingPathComponent(script).path] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return (process, pipe.fileHandleForReading)
    }
}

/// Reads the records that `tokenizer_parity.py run` writes.
private struct RecordReader {
    private let input: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0

    struct Record {
        var text: String
        var ids: [Int32]
        var offsets: [Int]
        var decoded: [UInt8]
    }

    init(_ input: FileHandle) { self.input = input }

    mutating func next() throws -> Record? {
        guard try has(4) else { return nil }
        let text = String(decoding: try bytes(try number()), as: UTF8.self)
        let count = try number()
        let ids = try (0..<count).map { _ in Int32(try number()) }
        let offsets = try (0..<2 * count).map { _ in try number() }
        return Record(text: text, ids: ids, offsets: offsets, decoded: Array(try bytes(try number())))
    }

    private mutating func number() throws -> Int {
        try bytes(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
        try #require(try has(count), "the reference stopped within a record")
        defer { position += count }
        return buffer[position..<position + count]
    }

    private mutating func has(_ count: Int) throws -> Bool {
        while buffer.count - position < count {
            guard let more = try input.read(upToCount: 1 << 20), !more.isEmpty else { return false }
            buffer.removeFirst(position)
            position = 0
            buffer.append(contentsOf: more)
        }
        return true
    }
}
