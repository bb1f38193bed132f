import Foundation
import Testing
import TheriacTesting

/// Real processes, really killed.
@Suite(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason), .serialized)
struct ResumptionTests {
    @Test func trainingKilledAtAnyMomentReachesTheSameLossesAndWeights() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let text = (0..<400).map { "Document \($0) speaks of rain, bread and the number \($0 * 7 % 31)." }
            .joined(separator: "\n\n")
        try folder.write(text, to: "text.txt")
        try folder.write(
            """
            base: \(model.folder.path)
            corpora: [{file: text.txt}]
            block-length: 32
            training: {steps: 60, batch: 8, micro-batch: 4, checkpoint-every: 5, warm-up: 5}
            """, to: "recipe.yaml")
        func arguments(_ output: String) -> [String] {
            [
                "train", "lm", "--recipe", folder.file("recipe.yaml").path, "--output",
                folder.file(output).path, "--threads", "1",
            ]
        }
        let straight = try Program.run(arguments("straight"))
        #expect(straight.status == 0, "\(straight.errors)")
        var kills = 0
        for attempt in 0..<20 {
            guard try Program.runAndKill(arguments("killed"), after: 0.6 + 0.13 * Double(attempt)) else {
                break
            }
            kills += 1
        }
        #expect(try Program.run(arguments("killed")).status == 0)
        #expect(kills > 0)
        showMeasured("training: \(kills) kills before the end")
        for file in ["model/model.safetensors", "model/config.json"] {
            #expect(
                try Data(contentsOf: folder.file("straight/\(file)"))
                    == Data(contentsOf: folder.file("killed/\(file)")),
                "\(file) differs")
        }
        #expect(
            try losses(folder.file("straight/training.jsonl")) == losses(folder.file("killed/training.jsonl"))
        )
    }

    @Test func anEvaluationThatWasKilledGoesOnWhereItWas() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let prompts = (0..<60).map { "{\"id\": \"p\($0)\", \"prompt\": \"Number \($0) is\"}" }.joined(
            separator: "\n")
        try folder.write(prompts, to: "prompts.jsonl")
        func arguments(_ output: String) -> [String] {
            [
                "evaluate", "--model", model.folder.path, "--prompts", folder.file("prompts.jsonl").path,
                "--samples", "25",
                "--batch-rows", "25", "--output", folder.file(output).path, "--threads", "1",
            ]
        }
        #expect(try Program.run(arguments("straight")).status == 0)
        var kills = 0
        for attempt in 0..<20 {
            guard try Program.runAndKill(arguments("killed"), after: 0.5 + 0.1 * Double(attempt)) else {
                break
            }
            kills += 1
        }
        #expect(try Program.run(arguments("killed")).status == 0)
        #expect(kills > 0)
        showMeasured("evaluation: \(kills) kills before the end")
        for file in ["generations.jsonl", "scores.jsonl"] {
            #expect(
                try Data(contentsOf: folder.file("straight/\(file)"))
                    == Data(contentsOf: folder.file("killed/\(file)")),
                "\(file) differs")
        }
    }

    @Test(.enabled(if: getuid() == 0, "Mounting a small disk needs root."))
    func aFullDiskLeavesWhatWasWrittenReadable() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        let disk = folder.file("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        guard shell("mount -t tmpfs -o size=64k tmpfs '\(disk.path)'") == 0 else { return }
        defer { _ = shell("umount '\(disk.path)'") }
        let prompts = (0..<200).map { "{\"prompt\": \"Number \($0) is\"}" }.joined(separator: "\n")
        try folder.write(prompts, to: "prompts.jsonl")
        let output = disk.appendingPathComponent("out.jsonl")
        let result = try Program.run([
            "generate", "--model", model.folder.path, "--prompts", folder.file("prompts.jsonl").path,
            "--output", output.path,
            "--batch-rows", "25",
        ])
        #expect(result.status == 1 && result.errors.contains("space"), "\(result.errors)")
        let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
        #expect(lines.count > 20)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    private func losses(_ file: URL) throws -> [Double] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            let object = try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            return try #require(object["loss"] as? Double)
        }
    }

    private func shell(_ command: String) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
