import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct SHA256Tests {
    /// Digests of FIPS 180-2, appendix B, and of the empty message.
    static let cases: [(text: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test(arguments: cases)
    func agreesWithTheStandard(text: String, digest: String) throws {
        #expect(sha256(of: Array(text.utf8)) == digest)
        #expect(sha256(of: Data(text.utf8)) == digest)
        #expect(Array(text.utf8).withUnsafeBytes { sha256(of: $0) } == digest)
        let folder = try TemporaryFolder()
        #expect(try sha256(ofFileAt: folder.write(text, to: "file")) == digest)
    }

    @Test func doesNotDependOnHowTheStreamIsCut() {
        var hasher = SHA256Hasher()
        hasher.update("a")
        hasher.update("")
        hasher.update("bc")
        #expect(hasher.finish() == Self.cases[1].digest)
    }

    @Test func namesAMissingFile() {
        let url = URL(fileURLWithPath: "/nowhere/file")
        #expect(throws: FileError.notFound(file: "/nowhere/file")) { try sha256(ofFileAt: url) }
    }
}
