import Foundation
import Hummingbird
import HummingbirdTesting
import Theriac
import TheriacEvaluation
import TheriacTesting
import Testing

@testable import TheriacServer

/// The clients that people use, against a server on this machine that generates.
@Suite(.serialized, .enabled(if: PythonReference.isPresent, PythonReference.reason))
struct GenerationClientTests {
    private func run(
        _ settings: ServerSettings, _ script: String, _ arguments: [String]
    ) async throws -> [String: Any] {
        var settings = settings
        settings.port = 0
        let fixture = try ServerFixture(settings)
        let data = try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            return try await onOwnThread {
                try PythonReference.run(script, ["http://127.0.0.1:\(port)"] + arguments)
            }
        }
        await fixture.server.services.generation?.close()
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test(.tags(.parity)) func openAIsClientFindsCompletions() async throws {
        let model = try TinyModel()
        var settings = ServerSettings()
        settings.generation.model = model.folder.path
        settings.generation.name = "tiny"
        let result = try await run(settings, "openai_generation_client.py", ["tiny"])
        let texts = try #require(result["texts"] as? [String])
        #expect(texts.count == 4 && result["indexes"] as? [Int] == [0, 1, 2, 3])
        #expect((result["finish"] as? [String])?.allSatisfy { ["stop", "length"].contains($0) } == true)
        #expect(result["lists"] as? [Int] == [1, 1, 1, 1] && result["usage"] as? Int == 0)
        #expect(result["repeated"] as? Bool == true && result["request_id"] as? Bool == true)
        #expect(result["streamed"] as? [String] == texts && result["streamed_usage"] as? Bool == true)
        let echo = try #require(result["echo"] as? [Any])
        #expect(echo[0] as? String == "the end" && echo[1] is NSNull)
        #expect(result["role"] as? String == "assistant" && result["chat_logprobs"] as? [Int] == [2])
        #expect(result["chat_streamed"] as? String == result["chat"] as? String)
        #expect(result["chat_finish"] as? Bool == true && result["raw"] as? Int == 200)
        #expect(result["chain"] as? String == "none" && result["steered"] as? String == "word-filter")
        #expect((result["models"] as? [String])?.first == "tiny")
        let errors = try #require(result["errors"] as? [[Any]])
        #expect(
            errors.map { $0[0] as? String } == ["NotFoundError"]
                + Array(repeating: "BadRequestError", count: 6))
        #expect(
            errors.map { $0[2] as? String } == [
                "model_not_found", "context_length_exceeded", "unsupported_parameter", "invalid_chain",
                "invalid_value", "unsupported_parameter", "context_length_exceeded",
            ])
    }

    private static let hasHarness =
        PythonReference.isPresent && SharedData.folder != nil
        && (try? PythonReference.run("harness_client.py", ["--present"])) != nil

    /// lm-evaluation-harness finishes a task, with the numbers that ``TaskEvaluation`` finds.
    @Test(
        .tags(.parity, .slow),
        .enabled(if: hasHarness, "No Python with lm_eval and its client; name one in THERIAC_PYTHON."),
        .enabled(if: SlowTests.areOn, SlowTests.reason))
    func theHarnessFinishesATask() async throws {
        let data = try #require(SharedData.folder).appendingPathComponent("data")
        var settings = ServerSettings()
        settings.generation.model = "theriac-lm"
        settings.generation.precision = "fp32"
        let result = try await run(
            settings, "harness_client.py", ["theriac-lm", data.path, "piqa", "20", "256"])
        let figures = try #require((result["results"] as? [String: [String: Any]])?["piqa"])
        var request = TaskEvaluation.Request()
        request.model = "theriac-lm"
        request.tasks = ["piqa"]
        request.data = data.path
        request.limit = 20
        request.precision = "fp32"
        let folder = try TemporaryFolder()
        let offline = try TaskEvaluation(request, output: folder.url, assets: AssetFolder()).run()
        for measure in try #require(offline.results.first).measures {
            let figure = try #require(figures["\(measure.name),none"] as? Double)
            #expect(abs(figure - measure.value) < 1e-9)
        }
        #expect((result["texts"] as? [String])?.count == 2)
        #expect(((result["samples"] as? [String: [Any]])?["piqa"])?.count == 20)
    }
}
