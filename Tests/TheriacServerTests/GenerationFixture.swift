import Foundation
import HTTPTypes
import TheriacAudit
import TheriacDetection
import TheriacOptions
import TheriacTesting

@testable import TheriacServer

/// A server in this process that generates with a tiny model of random weights.
struct GenerationFixture: Sendable {
    /// The model's.
    let folder: URL
    let server: ServerFixture

    /// Runs `body` with a server, and ends its thread.
    ///
    /// - Parameters:
    ///   - files: further files of the model's folder, by name.
    ///   - settings: of everything else.
    static func with<Result>(
        _ change: (inout GenerationServingSettings) -> Void = { _ in }, files: [String: String] = [:],
        settings: ServerSettings = ServerSettings(), detectors: [any Detector] = [FixedDetector()],
        store: AuditStore? = nil,
        _ body: (GenerationFixture) async throws -> Result
    ) async throws -> Result {
        let model = try TinyModel(settings: ["n_positions": .integer(128)])
        defer { withExtendedLifetime(model) {} }
        for (name, text) in files {
            try Data(text.utf8).write(to: model.folder.appendingPathComponent(name))
        }
        var settings = settings
        settings.generation.model = model.folder.path
        settings.generation.name = "tiny"
        change(&settings.generation)
        let fixture = GenerationFixture(
            folder: model.folder, server: try ServerFixture(settings, detectors: detectors, store: store))
        do {
            let result = try await body(fixture)
            await fixture.server.server.services.generation?.close()
            return result
        } catch {
            await fixture.server.server.services.generation?.close()
            throw error
        }
    }

    func complete(_ body: String) async throws -> Answer {
        try await server.ask(.post, "/v1/completions", body)
    }

    func chat(_ body: String) async throws -> Answer {
        try await server.ask(.post, "/v1/chat/completions", body)
    }
}

extension Answer {
    /// The events of a stream; nil where a line is no JSON. `[DONE]` is left out.
    var events: [[String: Any]] {
        body.components(separatedBy: "\n\n").compactMap { event in
            guard event.hasPrefix("data: "), event != "data: [DONE]" else { return nil }
            return try? JSONSerialization.jsonObject(with: Data(event.dropFirst(6).utf8)) as? [String: Any]
        }
    }

    var endsWell: Bool { body.hasSuffix("data: [DONE]\n\n") }

    /// Of an answer to `/v1/completions`, by index.
    var texts: [String] { choices.compactMap { $0["text"] as? String } }

    var choices: [[String: Any]] {
        ((self["choices"] as? [[String: Any]]) ?? []).sorted {
            ($0["index"] as? Int ?? 0) < ($1["index"] as? Int ?? 0)
        }
    }
}

extension [[String: Any]] {
    /// Texts of a stream's events joined, by index of the choice.
    func joined(_ piece: ([String: Any]) -> String?) -> [Int: String] {
        var found: [Int: String] = [:]
        for event in self {
            for choice in event["choices"] as? [[String: Any]] ?? [] {
                guard let index = choice["index"] as? Int, let text = piece(choice) else { continue }
                found[index, default: ""] += text
            }
        }
        return found
    }
}
