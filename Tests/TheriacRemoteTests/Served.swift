import Testing
import TheriacTesting

@testable import TheriacRemote

/// The one server of this bundle's tests, and clients of it.
enum Served {
    static let server: FakeOpenAIServer? = try? FakeOpenAIServer()
    static let isPresent = server != nil
    static let reason: Comment = "No Python 3 to run the server with."

    /// A client that waits little.
    static func model(
        path: String = "/v1", name: String = "parrot", key: String? = nil,
        _ change: (inout RemoteSettings) -> Void = { _ in }
    ) throws -> RemoteModel {
        try RemoteModel(
            address(path, name), settings: settings(change),
            environment: key.map { ["THERIAC_SERVER_KEY": $0] } ?? [:])
    }

    static func open(
        path: String = "/v1", name: String = "parrot", key: String? = nil,
        _ change: (inout RemoteSettings) -> Void = { _ in }
    ) throws -> RemoteModel {
        try RemoteModel.open(
            address(path, name), settings: settings(change),
            environment: key.map { ["THERIAC_SERVER_KEY": $0] } ?? [:])
    }

    static func settings(_ change: (inout RemoteSettings) -> Void) -> RemoteSettings {
        var settings = RemoteSettings()
        settings.firstWait = 0.01
        settings.attempts = 4
        settings.timeout = 20
        change(&settings)
        return settings
    }

    static func address(_ path: String = "/v1", _ name: String = "parrot") throws -> RemoteAddress {
        let port = try #require(server).port
        return try RemoteAddress("http://127.0.0.1:\(port)\(path)", model: name)
    }

    /// How often a prompt was sent.
    static func count(_ prompt: String) throws -> Int {
        try #require(server).requests { $0 == prompt }.count
    }
}
