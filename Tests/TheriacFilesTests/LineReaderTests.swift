import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct LineReaderTests {
    static func lines(_ url: URL) throws -> [String] {
        let reader = try LineReader(path: url.path)
        var lines: [String] = []
        while let line = try reader.next() {
            #expect(line.number == lines.count + 1)
            lines.append(try #require(line.text))
        }
        return lines
    }

    static let cases: [(file: String, lines: [String])] = [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb\r\n", ["a", "b"]),
        ("a\n\nb", ["a", "", "b"]),
        ("\u{FEFF}a\nb", ["a", "b"]), ("\u{FEFF}", []), ("a\u{2028}b\n", ["a\u{2028}b"]),
        ("a\rb\n", ["a\rb"]),
        ("\r\n", [""]), ("a\r", ["a"]),
    ]

    @Test(arguments: cases)
    func readsPlainFiles(file: String, lines: [String]) throws {
        let folder = try TemporaryFolder()
        #expect(try Self.lines(folder.write(file, to: "file.txt")) == lines)
    }

    @Test(arguments: cases)
    func readsCompressedFiles(file: String, lines: [String]) throws {
        let folder = try TemporaryFolder()
        #expect(try Self.lines(folder.write(gzip(Data(file.utf8)), to: "file.txt.gz")) == lines)
    }

    /// Buffers end anywhere; lines must not care.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func agreesWithSplitting(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let expected = (0..<300).map { _ in
            let length = Int.random(in: 0..<10, using: &random) == 0 ? 20_000 : 40
            return String(repeating: "é", count: Int.random(in: 0..<length, using: &random)) + "x"
        }
        let text = expected.joined(separator: "\n")
        let folder = try TemporaryFolder()
        #expect(try Self.lines(folder.write(text, to: "a.txt")) == expected)
        #expect(try Self.lines(folder.write(gzip(Data(text.utf8)), to: "a.txt.gz")) == expected)
    }

    @Test func readsALineOfTenMegabytes() throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "a", count: 10_000_000)
        #expect(try Self.lines(folder.write("x\n" + text + "\ny", to: "a.txt")) == ["x", text, "y"])
    }

    @Test func reportsWhereALineIsNotUTF8() throws {
        let folder = try TemporaryFolder()
        let reader = try LineReader(
            path: folder.write(Data([0x61, 0x0A, 0x62, 0xC3, 0xA9, 0xFF, 0x0A]), to: "a.txt").path)
        #expect(try reader.next()?.invalidOffset == nil)
        let line = try #require(try reader.next())
        #expect(line.text == nil)
        #expect(line.invalidOffset == 3)
    }

    /// Made by `gzip.compress(b"line\n" * 4000, mtime=0)` of Python 3.11: unlike the files of `gzip(_:)`,
    /// packed.
    @Test func unpacks() throws {
        let packed =
            "H4sIAAAAAAACA+3EoQ0AAAgDMM+fCJKF/yVnYFrRzHZFkiRJkiRJkiRJkiRJkiRJkiRJkiRJkiRJkiRJkvTdASIw3YYgTgAA"
        let folder = try TemporaryFolder()
        let file = try folder.write(try #require(Data(base64Encoded: packed)), to: "a")
        #expect(try Self.lines(file) == Array(repeating: "line", count: 4000))
    }

    @Test func readsSeveralMembersAndZeroPadding() throws {
        let folder = try TemporaryFolder()
        let bytes = gzip(Data("a\nb".utf8)) + gzip(Data("c\n".utf8)) + [0, 0, 0]
        #expect(try Self.lines(folder.write(bytes, to: "a.gz")) == ["a", "bc"])
    }

    @Test func reportsTruncatedGzip() throws {
        let folder = try TemporaryFolder()
        let packed = gzip(Data(String(repeating: "text of some length\n", count: 5_000).utf8))
        let file = try folder.write(Data(packed.dropLast(9)), to: "a.gz")
        let error = FileError.damagedGzip(file: file.path, reason: "the compressed data ends too early")
        #expect(throws: error) { try Self.lines(file) }
        #expect(
            error.description
                == "'\(file.path)' is damaged: the compressed data ends too early. Fetch or compress it again."
        )
    }

    @Test func reportsDamagedGzip() throws {
        let folder = try TemporaryFolder()
        var packed = gzip(Data("some text\n".utf8))
        packed[packed.count - 6] ^= 1  // in the check sum
        #expect(throws: FileError.self) { try Self.lines(folder.write(packed, to: "a.gz")) }
        let trailing = try folder.write(gzip(Data("a\n".utf8)) + [1, 2, 3], to: "b.gz")
        #expect(
            throws: FileError.damagedGzip(
                file: trailing.path, reason: "something follows the compressed data")
        ) {
            try Self.lines(trailing)
        }
    }

    @Test func refusesAPlainFileNamedGzip() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("plain\n", to: "a.gz")
        #expect(throws: FileError.damagedGzip(file: file.path, reason: "it is named .gz and is not gzip")) {
            try LineReader(path: file.path)
        }
    }

    @Test func limitsTheLengthOfALine() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("a\n" + String(repeating: "b", count: 600_000), to: "a.txt")
        let reader = try LineReader(path: file.path, maximumLineLength: 1000)
        #expect(try reader.next()?.text == "a")
        let error = FileError.lineTooLong(file: file.path, line: 2, limit: 1000)
        #expect(throws: error) { try reader.next() }
        #expect(
            error.description
                == "Line 2 of '\(file.path)' is longer than 1000 bytes. Is it a text file with line ends?")
    }

    @Test func namesWhatCannotBeOpened() throws {
        let error = FileError.notFound(file: "/nowhere.txt")
        #expect(throws: error) { try LineReader(path: "/nowhere.txt") }
        #expect(error.description == "There is no file '/nowhere.txt'. Check the path.")
        let folder = try TemporaryFolder()
        #expect(throws: FileError.cannotRead(file: folder.url.path, reason: "is a directory")) {
            try LineReader(path: folder.url.path)
        }
    }
}
