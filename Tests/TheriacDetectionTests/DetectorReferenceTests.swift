import Testing

@testable import TheriacDetection

@Suite struct DetectorReferenceTests {
    static let hash = String(repeating: "9244c66e", count: 8)
    static let cases: [(text: String, name: String, version: String?, hash: String?)] = [
        ("judge", "judge", nil, nil),
        ("judge@1.1.0", "judge", "1.1.0", nil),
        ("judge@sha256:9244C66E", "judge", nil, "9244c66e"),
        ("judge@1.1.0+sha256:9244c66e", "judge", "1.1.0", "9244c66e"),
        ("judge@1.1.0+build2", "judge", "1.1.0+build2", nil),
        ("a/b@sha256:\(hash)", "a/b", nil, hash),
        ("./odd@name", "./odd@name", nil, nil),
        ("/tmp/a@b/judge", "/tmp/a@b/judge", nil, nil),
    ]

    @Test(arguments: cases)
    func isRead(text: String, name: String, version: String?, hash: String?) throws {
        let reference = try DetectorReference(text)
        #expect(reference.name == name && reference.version == version && reference.hash == hash)
        #expect(try DetectorReference(reference.description) == reference)
    }

    @Test(arguments: [
        "", "@1.0", "judge@", "judge@latest", "judge@sha256:", "judge@sha256:9244c66",
        "judge@sha256:9244c66g",
        "judge@sha256:\(hash)0", "judge@1.0+sha256:12",
    ])
    func malformedOnesAreRefused(text: String) {
        #expect(throws: DetectorReferenceError.self) { try DetectorReference(text) }
    }

    @Test func anotherDetectorIsRefusedWithBothHashes() throws {
        let identity = DetectorIdentity(name: "judge", version: "1.1.0", hash: Self.hash)
        for text in ["judge", "judge@1.1.0", "judge@sha256:9244c66e9", "judge@1.1.0+sha256:\(Self.hash)"] {
            try DetectorReference(text).check(identity)
        }
        #expect { try DetectorReference("judge@sha256:12345678").check(identity) } throws: { error in
            "\(error)".contains("12345678") && "\(error)".contains("9244c66e9244c66e")
        }
        #expect {
            try DetectorReference("judge@1.0.0").check(identity)
        } throws: { "\($0)".contains("1.0.0") && "\($0)".contains("1.1.0") }
    }

    @Test func originsAreSharedThroughParts() {
        let steer = DetectorIdentity(name: "steer", version: "1", hash: "aa", trainingHash: "t1")
        let judge = DetectorIdentity(name: "judge", version: "1", hash: "bb", trainingHash: "t2")
        let lexicon = DetectorIdentity(name: "lexicon", version: "1", hash: "cc")
        let other = DetectorIdentity(name: "other", version: "1", hash: "dd")
        let both = DetectorIdentity(name: "both", version: "1", hash: "ee", parts: [steer, lexicon])
        let nested = DetectorIdentity(name: "nested", version: "1", hash: "ff", parts: [both])
        let tuned = DetectorIdentity(name: "tuned", version: "2", hash: "gg", trainingHash: "t1")
        #expect(both.sharesOrigin(with: steer) && steer.sharesOrigin(with: nested))
        #expect(both.sharesOrigin(with: tuned))  // the same training texts
        #expect(!both.sharesOrigin(with: judge) && !lexicon.sharesOrigin(with: other))
    }
}
