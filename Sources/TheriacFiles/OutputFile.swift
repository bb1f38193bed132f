import Foundation

/// A file open for writing from front to back.
public final class OutputFile {
    private let name: String
    private let descriptor: Int32

    /// Creates `path`, or empties it. Errors speak of `name`, the file the user knows.
    init(creating path: String, named name: String) throws {
        self.name = name
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.writing(name, code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Appends all of `bytes`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try writeAll(bytes, to: descriptor, named: name)
    }

    /// Appends the UTF-8 bytes of `text`.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Waits until the bytes are on the disk.
    func flush() throws {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.writing(name, code: errno) }
    }
}

/// Writes all of `bytes`, in as many system calls as it takes: one, unless the disk is full or a signal came.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, named name: String) throws {
    var rest = bytes
    while rest.count > 0 {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 {
            guard errno == EINTR else { throw FileError.writing(name, code: errno) }
            continue
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}
