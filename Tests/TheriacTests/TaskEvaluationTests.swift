import Foundation
import Testing
import TheriacEvaluation
import TheriacOptions
import TheriacTesting

@testable import Theriac

@Suite struct TaskEvaluationTests {
    private func data(_ folder: TemporaryFolder) throws -> URL {
        let rows = (0..<6).map {
            "{\"goal\": \"Reach number \($0)\", \"sol1\": \"walk\", \"sol2\": \"wait and see\", \"label\": \($0 % 2)}\n"
        }
        try FileManager.default.createDirectory(
            at: folder.file("data/zero-shot"), withIntermediateDirectories: true)
        return try folder.write(rows.joined(), to: "data/zero-shot/piqa-valid.jsonl")
    }

    private func request(_ model: TinyModel, _ folder: TemporaryFolder, _ tasks: [String])
        -> TaskEvaluation.Request
    {
        var request = TaskEvaluation.Request()
        request.model = model.folder.path
        request.tasks = tasks
        request.data = folder.file("data").path
        return request
    }

    @Test func goesOnWhereItWasStopped() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        _ = try data(folder)
        let output = folder.file("out")
        let assets = try AssetFolder()
        var small = request(model, folder, ["piqa"])
        small.limit = 2
        _ = try TaskEvaluation(small, output: output, assets: assets).run()
        let log = output.appendingPathComponent("answers_piqa.jsonl")
        let first = try String(contentsOf: log, encoding: .utf8)
        #expect(first.split(separator: "\n").count == 4)
        try Data((first + "{\"torn").utf8).write(to: log)
        let all = try TaskEvaluation(
            request(model, folder, ["piqa", "race"]), output: output, assets: assets
        ).run()
        let second = try String(contentsOf: log, encoding: .utf8)
        #expect(second.hasPrefix(first) && second.split(separator: "\n").count == 12)
        #expect(all.problems == ["race: there is no zero-shot/race-high.jsonl in the data folder."])
        let fresh = try TaskEvaluation(
            request(model, folder, ["piqa"]), output: folder.file("fresh"), assets: assets
        ).run()
        #expect(all.results[0].measures == fresh.results[0].measures && all.results[0].effective == 6)
        #expect(FileManager.default.fileExists(atPath: all.file.path))
    }

    @Test func anUnknownTaskIsNamedWithTheNearest() throws {
        let folder = try TemporaryFolder()
        let model = try TinyModel()
        #expect {
            try TaskEvaluation(
                request(model, folder, ["helaswag"]), output: folder.file("out"), assets: AssetFolder()
            ).run()
        } throws: {
            "\($0)".contains("Did you mean 'hellaswag'?")
        }
        #expect(throws: TaskEvaluationError.self) {
            try TaskEvaluation(
                request(model, folder, ["piqa"]), output: folder.file("out"), assets: AssetFolder()
            ).run()
        }
    }
}
