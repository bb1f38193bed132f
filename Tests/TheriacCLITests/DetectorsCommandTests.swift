import Foundation
import Testing
import TheriacTesting

@Suite struct DetectorsCommandTests {
    /// Fifty labelled lines: the lexicon's words decide, two labels are wrong.
    private func labelled(in folder: TemporaryFolder) throws -> URL {
        let lines = (0..<50).map { number -> String in
            let isRude = number % 3 == 0
            let label = number < 2 ? !isRude : isRude
            let text = isRude ? "You stupid idiot number \(number)" : "A quiet morning number \(number)"
            return "{\"id\": \"n\(number)\", \"text\": \"\(text)\", \"labels\": {\"toxicity\": \(label)}}"
        }
        return try folder.write(lines.joined(separator: "\n") + "\n", to: "labelled.jsonl")
    }

    private func run(_ arguments: [String]) throws -> Program.Result {
        try Program.run(["detectors"] + arguments)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func listsAndShows() throws {
        let list = try run(["list"])
        #expect(list.status == 0 && list.output.contains("judge@") && list.output.contains("lexicon@"))
        let show = try run(["show", "lexicon"])
        #expect(show.status == 0 && show.output.contains("hash           sha256:"))
        #expect(try run(["show", "jugde"]).errors.contains("Shipped: judge, lexicon, steer"))
    }

    @Test func aPinHoldsEverywhere() throws {
        let identity = try run(["show", "lexicon"]).output
        let hash = try #require(identity.firstMatch(of: /sha256:([0-9a-f]{64})/)).output.1
        let good = try Program.run(
            ["score", "--detector", "lexicon@sha256:\(hash.prefix(8))", "-"], input: "Good morning\n")
        #expect(good.status == 0, "\(good.errors)")
        for arguments in [
            ["score", "--detector", "lexicon@sha256:00000000", "-"],
            ["detectors", "show", "lexicon@0.0.1"],
        ] {
            let bad = try Program.run(arguments, input: "Good morning\n")
            #expect(bad.status == 1 && bad.errors.contains("lexicon"))
        }
    }

    @Test func measures() throws {
        let folder = try TemporaryFolder()
        let file = try labelled(in: folder)
        let result = try run(
            [
                "measure", "lexicon", "steer", "--on", file.path, "--json", "--quiet", "--output",
                folder.file("out").path,
            ])
        #expect(result.status == 0, "\(result.errors)")
        let figures = try #require(try object(result.output)["figures"] as? [[String: Any]])
        #expect(figures.map { $0["detector"] as? String } == ["lexicon", "steer"])
        #expect(figures.allSatisfy { $0["texts"] as? Int == 50 && $0["positives"] as? Int == 17 })
        #expect(try TemporaryFolder.names(folder.file("out")) == ["measures.json", "measures.md"])
        #expect(try run(["measure", "lexicon"]).status == 64)
        let unknown = try run(["measure", "lexicon", "--on", "no-such-set"])
        #expect(unknown.status == 1 && unknown.errors.contains("olid"))
    }

    @Test func comparesWithStoredScores() throws {
        let folder = try TemporaryFolder()
        let file = try labelled(in: folder)
        let scored = try Program.run(["score", "--json", "--detector", "steer", file.path])
        let stored = try folder.write(scored.output, to: "stored.jsonl")
        let result = try run(
            [
                "compare", "steer", stored.path, "--on", file.path, "--json", "--output",
                folder.file("out").path,
            ])
        #expect(result.status == 0, "\(result.errors)")
        let attributes = try #require(try object(result.output)["attributes"] as? [[String: Any]])
        #expect(attributes.count == 7)
        for attribute in attributes {
            let difference = try #require(attribute["mean_absolute_difference"] as? [String: Double])
            #expect(difference["value"] == 0)
        }
        #expect(try TemporaryFolder.names(folder.file("out")) == ["comparison.html", "comparison.json"])
        let page = try String(contentsOf: folder.file("out/comparison.html"), encoding: .utf8)
        #expect(page.contains("<circle") && !page.contains("quiet morning"))
        let table = try run(["compare", "steer", "lexicon", "--on", file.path, "--attribute", "toxicity"])
        #expect(table.status == 0 && !table.output.contains("quiet morning"))
        let shown = try run([
            "compare", "steer", "lexicon", "--on", file.path, "--show-texts", "--attribute", "profanity",
        ])
        #expect(shown.output.contains("number"))
    }

    @Test func choosesAThreshold() throws {
        let folder = try TemporaryFolder()
        let file = try labelled(in: folder)
        let result = try run(
            ["threshold", "steer", "--on", file.path, "--precision", "0.9", "--check", file.path, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let outcome = try object(result.output)
        let chosen = try #require(outcome["chosen"] as? [String: Any])
        let recall = try #require((chosen["recall"] as? [String: Double])?["value"])
        #expect(recall >= 16.0 / 17)  // all but the quiet morning that is called rude
        let checked = try #require(outcome["checked"] as? [String: Any])
        #expect((checked["recall"] as? [String: Double])?["value"] == recall)
        #expect(try run(["threshold", "steer", "--on", file.path]).status == 64)
        #expect(try run(["threshold", "steer", "--on", file.path, "--recall", "2"]).status == 64)
        // One score for all texts: flagging all of them is the only choice.
        let flat = try folder.write("silly-nothing\n", to: "flat/words.txt").deletingLastPathComponent()
        try folder.write("{\"kind\": \"lexicon\", \"name\": \"flat\"}", to: "flat/detector.json")
        let none = try run(["threshold", flat.path, "--on", file.path, "--precision", "0.9"])
        #expect(none.status == 1 && none.errors.contains("No threshold"), "\(none.errors)")
    }

    @Test func calibratesAndCombines() throws {
        let folder = try TemporaryFolder()
        let file = try labelled(in: folder)
        let mended = folder.file("mended")
        let result = try run([
            "calibrate", "lexicon", "--on", file.path, "--method", "platt", "--output", mended.path,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try TemporaryFolder.names(mended) == ["calibration.json", "card.md", "detector.json"])
        let score = try Program.run(["score", "--detector", mended.path, "-"], input: "A quiet morning\n")
        #expect(score.status == 0 && !score.output.contains("0.000\t0.000"), "\(score.output)")
        let few = try run([
            "calibrate", "lexicon", "--on", file.path, "--method", "isotonic", "--output", mended.path,
        ])
        #expect(few.status == 1 && few.errors.contains("1000"))

        let linear = folder.file("linear")
        #expect(
            try run([
                "calibrate", "steer", "--on", file.path, "--method", "temperature", "--output", linear.path,
            ]).status == 0)
        #expect(try TemporaryFolder.names(linear).contains("weights.safetensors"))

        let both = folder.file("both")
        let combined = try run([
            "combine", mended.path, linear.path, "--pooling", "max", "--output", both.path,
        ])
        #expect(combined.status == 0 && combined.output.hasPrefix("both@"), "\(combined.errors)")
        #expect(try run(["show", both.path]).output.contains("made of"))
        #expect(try run(["combine", both.path, "--output", both.path]).status == 1)
    }

    @Test func agrees() throws {
        let folder = try TemporaryFolder()
        let file = try labelled(in: folder)
        let result = try run(["agree", "steer", "judge", "lexicon", "--on", file.path, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let agreement = try object(result.output)
        #expect((agreement["pairs"] as? [Any])?.count == 3 && agreement["texts"] as? Int == 50)
        #expect(try run(["agree", "steer", "--on", file.path]).status == 64)
    }
}

extension TemporaryFolder {
    /// Names of what a folder holds, sorted.
    fileprivate static func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
}
