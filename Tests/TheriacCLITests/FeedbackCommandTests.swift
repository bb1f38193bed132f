import Foundation
import Testing
import TheriacAudit
import TheriacTesting

@Suite struct FeedbackCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., input: String = "") throws -> Program.Result {
        try Program.run(arguments + ["--store", folder.file("store.sqlite").path], input: input)
    }

    private static let words = [
        "tree", "river", "walk", "paper", "window", "music", "garden", "letter", "bread", "lamp",
    ]

    /// A different one for each number, as far as words go.
    private static func text(_ number: Int) -> String {
        let places = [number % 10, number / 10 % 10, number / 100 % 10, number / 1000 % 10, number / 10_000]
        return (number % 3 == 0 ? "You stupid idiot with " : "A quiet morning with ")
            + places.map { words[$0] }.joined(separator: " ")
    }

    private func lines(_ count: Int) -> String {
        (0..<count).map { number in
            "{\"text\": \"\(Self.text(number))\", \"suggested\": {\"TOXICITY\": \(number % 3 == 0 ? 1 : 0)}, "
                + "\"community\": \"c\(number % 2)\"}\n"
        }.joined()
    }

    private func objects(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    /// Feedback in, reviewed, out as a corpus, and a detector learnt from it.
    @Test func goesFromFeedbackToADetector() throws {
        let imported = try run("feedback", "import", "-", input: lines(240) + "{\"text\": 1}\n")
        #expect(imported.status == 3 && imported.errors.contains("line 241: The feedback cannot be stored"))
        #expect(try objects(imported.output).map { $0["line"] as? Int } == Array(1...240))
        let rejected = try run("feedback", "review", "1", "--as", "rejected", "--note", "a joke", "--json")
        #expect(rejected.output == "{\"reviewed\":1,\"status\":\"rejected\"}\n")
        let listed = try objects(try run("feedback", "list", "--status", "rejected", "--json").output)
        #expect(listed.count == 1 && listed[0]["note"] as? String == "a joke" && listed[0]["id"] as? Int == 1)

        let corpus = folder.file("feedback.jsonl")
        let exported = try run("feedback", "export", corpus.path, "--json")
        #expect(exported.output == "{\"texts\":239,\"without_text\":0}\n")
        let recipe = try folder.write(
            """
            name: ours
            features: { hash-bits: 12 }
            training: { epochs: 6, learning-rate: 0.1, minimum-texts: 2 }
            sets: [{ name: feedback, file: feedback.jsonl }]
            """, to: "recipe.yaml")
        let detector = folder.file("ours").path
        let trained = try Program.run(
            ["train", "detector", "--recipe", recipe.path, "--output", detector, "--quiet"])
        #expect(trained.status == 0 && trained.output.hasPrefix("ours@1.0.0"), "\(trained.errors)")

        #expect(
            try run("feedback", "review", "--all-open", "--community", "c0", "--as", "accepted").status == 0)
        let learnt = try run(
            "feedback", "thresholds", "--detector", detector, "--recall", "0.9", "--save", "--json")
        #expect(learnt.status == 0, "\(learnt.errors)")
        let outcome = try #require(try objects(learnt.output).first)
        let communities = try #require(outcome["communities"] as? [[String: Any]])
        #expect(communities.map { $0["community"] as? String } == ["c0"])
        let store = try AuditStore(at: folder.file("store.sqlite"))
        #expect(try store.thresholds().map(\.community) == [nil, "c0"])
    }

    @Test func makesListsAndDisablesKeys() throws {
        let made = try run("keys", "create", "town paper", "--quota", "2", "--operator")
        #expect(made.status == 0 && made.output.hasPrefix("theriac_"))
        let secret = made.output.trimmingCharacters(in: .newlines)
        let store = try AuditStore(at: folder.file("store.sqlite"))
        #expect(try store.keyRing().key(for: secret)?.label == "town paper")
        #expect(try store.keyRing().hasOperator)
        let listed = try run("keys", "list", "--json")
        #expect(!listed.output.contains(secret) && listed.output.contains("\"per_minute\":2"))
        #expect(try run("keys", "disable", "1").status == 0)
        #expect(try store.keyRing(maximumAge: .zero).count == 0)
        let unknown = try run("keys", "disable", "7")
        #expect(unknown.status == 1 && unknown.errors.contains("There is no key with the number 7."))
    }

    @Test func saysWhereAStoreIsMissing() throws {
        let list = try run("feedback", "list")
        #expect(list.status == 1 && list.errors.contains("There is no store at"))
        #expect(try run("feedback", "review", "--as", "accepted").status == 64)
        #expect(try run("feedback", "purge", "--older-than", "soon").status == 64)
    }

    /// A program that acknowledges writes is killed at random moments: everything acknowledged is there, and the file is
    /// sound. (A kill leaves the system running; that the disk has it too is what `synchronous=FULL` is for.)
    @Test func nothingAcknowledgedIsLostToAKill() throws {
        let url = folder.file("store.sqlite")
        let file = try folder.write(lines(30_000), to: "feedback-in.jsonl")
        var random = SystemRandomNumberGenerator()
        var acknowledged: [Int64: String] = [:]
        var killed = 0
        let rounds = SlowTests.areOn ? 40 : 2
        for _ in 0..<rounds {
            let (process, output, errors) = try Program.make(
                ["feedback", "import", file.path, "--store", url.path])
            process.standardError = FileHandle.nullDevice
            _ = errors
            try process.run()
            let pid = process.processIdentifier
            // The clock starts with the first acknowledgement.
            var written = output.fileHandleForReading.availableData
            let wait = Double.random(in: 0...0.2, using: &random)
            DispatchQueue.global().asyncAfter(deadline: .now() + wait) { kill(pid, SIGKILL) }
            written += output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }
            // A torn last line is no acknowledgement.
            let whole = written.lastIndex(of: 0x0A).map { written[...$0] } ?? Data()
            for line in try objects(String(decoding: whole, as: UTF8.self)) {
                let number = try #require(line["line"] as? Int) - 1
                let id = Int64(try #require(line["id"] as? Int))
                #expect(acknowledged[id] == nil)
                acknowledged[id] = Self.text(number)
            }
            let store = try AuditStore(at: url)
            #expect(try store.damage() == nil)
            var stored: [Int64: String] = [:]
            try store.forEachFeedback { stored[$0.id] = $0.text }
            let lost = acknowledged.count { stored[$0.key] != $0.value }
            #expect(lost == 0)
            try store.close()
        }
        #expect(killed > 0 && acknowledged.count > 64)
    }
}
