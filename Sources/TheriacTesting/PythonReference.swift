public import Foundation
public import Testing

/// The Python packages that Theriac must agree with, run as scripts of `Tests/Parity`.
public enum PythonReference {
    /// The interpreter that THERIAC_PYTHON names, or that of the package's own environment; nil when there is none, or it
    /// lacks transformers and peft.
    public static let interpreter: URL? = {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["THERIAC_PYTHON"] {
            candidates.append(URL(fileURLWithPath: named))
        }
        if let package = PackageFolder.above(#filePath) {
            candidates.append(package.appendingPathComponent(".venv/bin/python"))
        }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) && hasPackages($0) }
    }()

    public static var isPresent: Bool { interpreter != nil }
    public static let reason: Comment =
        "No Python with transformers and peft; run `make setup-tests` or name one in THERIAC_PYTHON."

    /// Runs `Tests/Parity/NAME` and returns what it printed.
    ///
    /// - Throws: ``PythonReferenceError`` with the end of its error output when it fails.
    public static func run(_ name: String, _ arguments: [String]) throws -> Data {
        guard let interpreter, let package = PackageFolder.above(#filePath) else {
            throw PythonReferenceError.absent
        }
        let script = package.appendingPathComponent("Tests/Parity").appendingPathComponent(name)
        let (status, output, errors) = try launch(interpreter, [script.path] + arguments)
        guard status == 0 else {
            throw PythonReferenceError.failed(
                script: name, output: String(decoding: errors.suffix(2000), as: UTF8.self))
        }
        return output
    }

    private static func hasPackages(_ interpreter: URL) -> Bool {
        let question =
            "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['transformers', 'peft'])))"
        return (try? launch(interpreter, ["-c", question]).status) == 0
    }

    private static func launch(
        _ program: URL, _ arguments: [String]
    ) throws -> (status: Int32, output: Data, errors: Data) {
        let folder = try TemporaryFolder()
        let (output, errors) = (try folder.write("", to: "output"), try folder.write("", to: "errors"))
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"]) { _, new in
                new
            }
        // Files and not pipes: a full pipe would stop the script.
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try Data(contentsOf: output), try Data(contentsOf: errors))
    }
}

public enum PythonReferenceError: Error, CustomStringConvertible {
    case absent
    case failed(script: String, output: String)

    public var description: String {
        switch self {
        case .absent: "There is no Python with transformers and peft."
        case .failed(let script, let output): "\(script) failed:\n\(output)"
        }
    }
}
