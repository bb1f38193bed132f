import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct AtomicFileTests {
    private struct Interrupted: Error {}

    @Test func replacesTheWholeContent() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("a long old content", to: "a.txt")
        try AtomicFile.write(Data("new".utf8), to: file)
        #expect(try String(contentsOf: file, encoding: .utf8) == "new")
        #expect(try folder.names() == ["a.txt"])
    }

    @Test func leavesTheOldContentWhenWritingFails() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("old", to: "a.txt")
        #expect(throws: Interrupted.self) {
            try AtomicFile.write(to: file) { output in
                try output.write("half")
                throw Interrupted()
            }
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == "old")
        #expect(try folder.names() == ["a.txt"])
    }

    @Test func namesTheFileItCannotWrite() {
        let error = FileError.cannotWrite(file: "/nowhere/a.txt", reason: "no such file or directory")
        #expect(throws: error) { try AtomicFile.write(Data(), to: URL(fileURLWithPath: "/nowhere/a.txt")) }
        #expect(
            error.description
                == "Cannot write '/nowhere/a.txt': no such file or directory. What was complete before is kept."
        )
    }

    @Test func replacesAFolder() throws {
        let folder = try TemporaryFolder()
        let target = folder.url.appendingPathComponent("checkpoint")
        for content in ["first", "second"] {
            try AtomicFile.replaceFolder(at: target) { temporary in
                try Data(content.utf8).write(to: temporary.appendingPathComponent(content))
            }
            #expect(try folder.names() == ["checkpoint"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == [content])
        }
    }

    @Test func leavesTheOldFolderWhenFillingFails() throws {
        let folder = try TemporaryFolder()
        let target = folder.url.appendingPathComponent("checkpoint")
        try AtomicFile.replaceFolder(at: target) { try Data().write(to: $0.appendingPathComponent("old")) }
        #expect(throws: Interrupted.self) {
            try AtomicFile.replaceFolder(at: target) { temporary in
                try Data().write(to: temporary.appendingPathComponent("new"))
                throw Interrupted()
            }
        }
        #expect(try folder.names() == ["checkpoint"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["old"])
    }
}
