import Foundation

/// A file open for reading from front to back; "-" is standard input.
final class InputFile {
    /// The path as given, for messages.
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path == "-" ? "standard input" : path
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.reading(self.path, code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Reads up to `buffer.count` bytes; 0 means the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError.reading(path, code: errno) }
        }
    }
}
