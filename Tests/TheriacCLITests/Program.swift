import Foundation

/// The `theriac` program, as the tests' build made it.
enum Program {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    static let url: URL? = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(
            "theriac")
        return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
    }()

    /// The folder with Package.swift.
    static let package: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/",
            !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static func make(_ arguments: [String], input: String = "", below folder: URL? = nil) throws -> (
        Process, Pipe, Pipe
    ) {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? package
        process.environment = ProcessInfo.processInfo.environment.merging([
            "THERIAC_ASSETS": package.appendingPathComponent("Assets").path, "OMP_NUM_THREADS": "1",
        ]) { $1 }
        let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = standardInput
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        return (process, output, errors)
    }

    /// Runs to the end.
    static func run(_ arguments: [String], input: String = "", below folder: URL? = nil) throws -> Result {
        let (process, output, errors) = try make(arguments, input: input, below: folder)
        try process.run()
        let written = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: written, as: UTF8.self),
            errors: String(decoding: said, as: UTF8.self))
    }

    /// Starts, kills with SIGKILL after `seconds`, and waits for the end. Returns false when it had finished before.
    static func runAndKill(_ arguments: [String], after seconds: Double) throws -> Bool {
        let (process, output, errors) = try make(arguments)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        _ = (output, errors)
        try process.run()
        Thread.sleep(forTimeInterval: seconds)
        let isRunning = process.isRunning
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return isRunning
    }
}
