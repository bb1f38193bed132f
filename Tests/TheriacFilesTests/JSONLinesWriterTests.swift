import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite(.serialized) struct JSONLinesWriterTests {
    private struct Row: Codable, Equatable {
        var text: String
        var score: Double?
    }

    private static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    @Test func writesOneLineAValue() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a.jsonl")
        let writer = try JSONLinesWriter(appendingTo: file)
        try writer.append(Row(text: "a/b\nc", score: 0.5))
        try writer.append("plain")
        try writer.flush()
        #expect(try Self.text(file) == "{\"score\":0.5,\"text\":\"a/b\\nc\"}\n\"plain\"\n")
    }

    @Test(arguments: ["", "{\"text\":\"half", String(repeating: "x", count: 200_000)])
    func cutsATornLine(torn: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("1\n2\n" + torn, to: "a.jsonl")
        try JSONLinesWriter(appendingTo: file).append(3)
        #expect(try Self.text(file) == "1\n2\n3\n")
    }

    @Test func cutsAFileThatIsOneTornLine() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("{\"text\":\"half", to: "a.jsonl")
        try JSONLinesWriter(appendingTo: file).append(1)
        #expect(try Self.text(file) == "1\n")
    }

    @Test func refusesWhatJSONCannotSay() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a.jsonl")
        let writer = try JSONLinesWriter(appendingTo: file)
        try writer.append(1)
        let error = FileError.notEncodable(
            file: file.path, reason: "it holds a value that JSON cannot express")
        #expect(throws: error) { try writer.append(Row(text: "", score: .nan)) }
        #expect(try Self.text(file) == "1\n")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
    func saysThatTheDiskIsFull() throws {
        let writer = try JSONLinesWriter(appendingTo: URL(fileURLWithPath: "/dev/full"))
        let error = FileError.cannotWrite(file: "/dev/full", reason: "no space left on device")
        #expect(throws: error) { try writer.append(1) }
        #expect(
            error.description
                == "Cannot write '/dev/full': no space left on device. What was complete before is kept.")
    }

    /// A real disk of 64 KiB: lines written before it is full stay whole, and once there is room it goes on.
    @Test(.enabled(if: TinyDisk.isPossible, "only root can mount a tiny disk"))
    func keepsEarlierLinesOnAFullDisk() throws {
        let disk = try TinyDisk(kilobytes: 64)
        let file = disk.url.appendingPathComponent("a.jsonl")
        let writer = try JSONLinesWriter(appendingTo: file)
        let row = Row(text: String(repeating: "x", count: 5_000), score: nil)
        var written = 0
        let error = #expect(throws: FileError.self) {
            while written < 100 {
                try writer.append(row)
                written += 1
            }
        }
        #expect(error == .cannotWrite(file: file.path, reason: "no space left on device"))
        let lines = try Self.text(file).split(separator: "\n")
        #expect(lines.count == written)
        #expect(written > 5)
        for line in lines { #expect(try JSONDecoder().decode(Row.self, from: Data(line.utf8)) == row) }
        #expect(throws: FileError.self) {
            try AtomicFile.write(Data(count: 60_000), to: disk.url.appendingPathComponent("b"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.url.path) == ["a.jsonl"])
    }

    @Test func mayBeUsedFromSeveralThreads() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("a.jsonl")
        let writer = try JSONLinesWriter(appendingTo: file)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { try writer.append(number) } }
            try await group.waitForAll()
        }
        #expect(try Self.text(file).split(separator: "\n").compactMap { Int($0) }.sorted() == Array(0..<100))
    }
}

/// A file system in memory that is soon full.
private final class TinyDisk {
    let url: URL

    /// Whether this process may mount one.
    static let isPossible = (try? TinyDisk(kilobytes: 16)) != nil

    init(kilobytes: Int) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "theriac-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        guard mount("tmpfs", url.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            let code = errno
            try? FileManager.default.removeItem(at: url)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EPERM)
        }
    }

    deinit {
        umount(url.path)
        try? FileManager.default.removeItem(at: url)
    }
}
