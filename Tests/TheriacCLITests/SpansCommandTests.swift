import Foundation
import Testing
import TheriacTesting

@Suite struct SpansCommandTests {
    private static func objects(_ output: String) throws -> [[String: Any]] {
        try output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    /// The ends of each span of the first line.
    private static func ends(_ output: String) throws -> [[Int]] {
        let spans = try #require(try objects(output).first?["spans"] as? [[Any]])
        return spans.map { span in span.prefix(2).compactMap { $0 as? Int } }
    }

    static let units: [(unit: String, ends: [[Int]])] = [
        ("utf16", [[0, 13], [13, 23]]), ("scalar", [[0, 12], [12, 22]]), ("utf8", [[0, 15], [15, 25]]),
    ]

    @Test(arguments: units)
    func sentencesTileTheTextInTheUnitAskedFor(unit: String, ends: [[Int]]) throws {
        let result = try Program.run(
            ["score", "--json", "--spans", "sentences", "--offsets", unit, "-"],
            input: "Nice try 🙂. You clown.\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Self.ends(result.output) == ends)
        #expect(try Self.objects(result.output)[0]["offsets"] as? String == unit)
        let span = try #require((try Self.objects(result.output)[0]["spans"] as? [[Any]])?.last)
        let scores = try #require(span.last as? [String: Double])
        #expect(scores.keys.contains("toxicity") && scores.count == 7)
    }

    @Test func fineSpansStandInTheTable() throws {
        let result = try Program.run(
            ["score", "--detector", "lexicon", "--spans", "fine", "-"],
            input: "You ßhit of a bastard\nfine day\n")
        #expect(result.status == 0, "\(result.errors)")
        let rows = result.output.split(separator: "\n").map { $0.components(separatedBy: "\t") }
        #expect(rows[0].last == "spans")
        // Bytes: ß has two.
        #expect(rows[1].last == "15-22:1.000" && rows[2].last == "")
    }

    @Test func aCleanTextHasNoFineSpansUnlessAskedFor() throws {
        func spans(_ flags: String...) throws -> [[Int]] {
            let result = try Program.run(
                ["score", "--json", "--spans", "fine"] + flags + ["-"],
                input: "He was a fool for love and we enjoyed the lovely film very much thank you\n")
            return try Self.ends(result.output)
        }
        #expect(try spans().isEmpty)
        #expect(try !spans("--spans-from", "0", "--detector", "steer").isEmpty)
    }

    @Test func withoutSpansNothingChanges() throws {
        let result = try Program.run(["score", "--json", "-"], input: "Good day. All well.\n")
        #expect(Set(try Self.objects(result.output)[0].keys) == ["id", "attributes", "detector"])
    }

    @Test(arguments: [
        (["--spans", "words"], "it must be sentences or fine"),
        (["--spans", "fine", "--offsets", "bytes"], "it must be utf8, utf16 or scalar"),
    ])
    func aWrongWordIsRefused(flags: [String], message: String) throws {
        let result = try Program.run(["score"] + flags + ["-"], input: "x\n")
        #expect(result.status == 64 && result.errors.contains(message))
    }

    @Test func judgesFindersBesideBaselines() throws {
        let folder = try TemporaryFolder()
        let rows = (0..<8).flatMap { number in
            ["train", "valid"].map { split in
                #"{"id":"\#(split)\#(number)","text":"You are a bastard, number \#(number) of them","ranges":[[10,17]],"split":"\#(split)"}"#
            }
        }
        try folder.write(rows.joined(separator: "\n"), to: "toxicity/semeval-toxic-spans.jsonl")
        let output = folder.file("spans.json")
        let result = try Program.run([
            "spans", "judge", "--data", folder.url.path, "--detector", "lexicon", "--json", "--quiet",
            "--output",
            output.path,
        ])
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let found = try #require(report["rows"] as? [[String: Any]])
        #expect(found.compactMap { $0["finder"] as? String } == ["none", "all", "random", "lexicon"])
        func f1(_ row: [String: Any]) -> Double? { (row["f1"] as? [String: Any])?["value"] as? Double }
        #expect(f1(found[0]) == 0 && f1(found[3]) == 1)
        // Seven of 35 characters: 2 · 7 / (35 + 7).
        expectClose([try #require(f1(found[1]))], [14.0 / 42], absolute: 1e-9)
        #expect(FileManager.default.fileExists(atPath: output.path))
        #expect(report["tunedOn"] as? Int == 8 && report["texts"] as? Int == 8)
    }
}
