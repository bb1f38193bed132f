import Foundation

/// What can go wrong with bytes on disk. Every message names the file, what was found and what to do.
public enum FileError: Error, Equatable, CustomStringConvertible {
    /// The file or folder is not there.
    case notFound(file: String)
    /// The system refused to open or read it; `reason` is the system's sentence.
    case cannotRead(file: String, reason: String)
    /// The system refused to write it (a full disk, missing permission); `reason` is the system's sentence.
    case cannotWrite(file: String, reason: String)
    /// Compressed data that ends too early or is damaged.
    case damagedGzip(file: String, reason: String)
    /// A line longer than the reader's limit, which protects memory from files without line ends.
    case lineTooLong(file: String, line: Int, limit: Int)
    /// Bytes that are not UTF-8. `offset` counts bytes from the start of the line.
    case invalidUTF8(file: String, line: Int, offset: Int)
    /// A value that JSON cannot express, such as NaN.
    case notEncodable(file: String, reason: String)
    /// A safetensors file or index that does not follow the format.
    case invalidSafetensors(file: String, reason: String)
    /// A tensor that the checkpoint does not hold.
    case missingTensor(String, file: String)

    public var description: String {
        switch self {
        case .notFound(let file):
            "There is no file '\(file)'. Check the path."
        case .cannotRead(let file, let reason):
            "Cannot read '\(file)': \(reason)."
        case .cannotWrite(let file, let reason):
            "Cannot write '\(file)': \(reason). What was complete before is kept."
        case .damagedGzip(let file, let reason):
            "'\(file)' is damaged: \(reason). Fetch or compress it again."
        case .lineTooLong(let file, let line, let limit):
            "Line \(line) of '\(file)' is longer than \(limit) bytes. Is it a text file with line ends?"
        case .invalidUTF8(let file, let line, let offset):
            "Line \(line) of '\(file)' is not UTF-8 (byte \(offset) of the line). Convert the file to UTF-8."
        case .notEncodable(let file, let reason):
            "Cannot write a record to '\(file)': \(reason)."
        case .invalidSafetensors(let file, let reason):
            "'\(file)' is not a valid safetensors file: \(reason). It may be cut short; copy it again."
        case .missingTensor(let name, let file):
            "'\(file)' has no tensor '\(name)'. Is it the checkpoint of another architecture?"
        }
    }

    /// The error for a failed system call, from the value of `errno`.
    static func reading(_ file: String, code: Int32) -> FileError {
        code == ENOENT ? .notFound(file: file) : .cannotRead(file: file, reason: systemReason(code))
    }

    static func writing(_ file: String, code: Int32) -> FileError {
        .cannotWrite(file: file, reason: systemReason(code))
    }

    private static func systemReason(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "system error \(code)" }
        return String(cString: text).lowercased()
    }
}
