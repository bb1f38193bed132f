public import Foundation

/// A server of the OpenAI protocol on loopback, `Tests/Parity/fake_openai_server.py`: what it does, it reads in the prompt.
/// It ends with this value, or with the process.
public final class FakeOpenAIServer: Sendable {
    /// One request as it came in.
    public struct Request: Sendable, Decodable {
        public struct Body: Sendable, Decodable {
            public struct Message: Sendable, Decodable, Equatable {
                public var role: String
                public var content: String
            }

            public var model: String
            public var prompt: String?
            public var messages: [Message]?
            public var n: Int?
            public var max_tokens: Int?
            public var temperature: Double?
            public var top_p: Double?
            public var top_k: Int?
            public var seed: Int?
            public var stop: [String]?
        }

        public var body: Body
        public var route: String
        /// Requests under way whose prompts begin with the same word, this one included.
        public var under_way: Int
        /// The header `Authorization`.
        public var key: String
    }

    /// The key that the path `/locked` wants.
    public static let key = "sk-parrot-1234567890"
    public let port: Int
    private let folder: TemporaryFolder
    private let process: Process
    private let input: Pipe

    /// - Parameter tls: certificate and key, in PEM form; nil speaks HTTP.
    /// - Throws: ``PythonReferenceError`` when it does not start.
    public init(tls: (certificate: URL, key: URL)? = nil) throws {
        guard let python = Self.python, let package = PackageFolder.above(#filePath) else {
            throw PythonReferenceError.absent
        }
        folder = try TemporaryFolder()
        let script = package.appendingPathComponent("Tests/Parity/fake_openai_server.py").path
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = python
        process.arguments =
            [script, folder.file("log").path] + (tls.map { [$0.certificate.path, $0.key.path] } ?? [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            process.terminate()
            throw PythonReferenceError.failed(script: "fake_openai_server.py", output: line)
        }
        (self.port, self.process, self.input) = (port, process, input)
    }

    deinit { process.terminate() }

    /// Its address, without the model.
    public var address: String { "http://127.0.0.1:\(port)/v1" }

    /// What came in so far for prompts that `matches` takes.
    public func requests(_ matches: (String) -> Bool = { _ in true }) throws -> [Request] {
        try String(contentsOf: folder.file("log"), encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }.filter { matches($0.body.prompt ?? $0.body.messages?.last?.content ?? "") }
    }

    public static var isPresent: Bool { python != nil }

    /// Any Python 3: the script needs no package.
    private static let python: URL? = {
        let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
            URL(fileURLWithPath: String($0)).appendingPathComponent("python3")
        }
        return ([PythonReference.interpreter].compactMap { $0 } + paths).first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }()
}
