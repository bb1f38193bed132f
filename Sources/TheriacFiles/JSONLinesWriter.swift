public import Foundation
import Synchronization

/// Appends JSON values to a file, one a line, each with one system call, so that a process killed at any
/// moment leaves at most one torn line at the end, which the next writer cuts off. May be used from several
/// threads.
public final class JSONLinesWriter: Sendable {
    private let descriptor: Int32
    private let path: String
    /// Bytes in the file: complete lines only. The lock also keeps lines of several threads apart.
    private let length: Mutex<Int>

    /// Opens or creates `url` for appending, and cuts off a last line that has no line end.
    public init(appendingTo url: URL) throws {
        path = url.path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.writing(path, code: errno) }
        length = Mutex(0)
        let (size, end) = try Self.size(of: descriptor, path: path)
        guard end == size || ftruncate(descriptor, off_t(end)) == 0 else {
            throw FileError.writing(path, code: errno)
        }
        length.withLock { $0 = end }
    }

    deinit {
        close(descriptor)
    }

    /// Appends `value` as one line with sorted keys.
    /// - Throws: ``FileError`` when the value has no JSON form or the disk is full; every line before stays
    ///   whole.
    public func append(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line: Data
        do {
            line = try encoder.encode(value)
        } catch {
            throw FileError.notEncodable(file: path, reason: "it holds a value that JSON cannot express")
        }
        line.append(0x0A)
        try append(line: line)
    }

    /// Waits until every line is on the disk.
    public func flush() throws {
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError.writing(path, code: errno) }
    }

    private func append(line: Data) throws {
        try length.withLock { length in
            var written = 0
            while written < line.count {
                let count = line.withUnsafeBytes { bytes in
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                    return pwrite(descriptor, rest.baseAddress, rest.count, off_t(length + written))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let code = errno
                    ftruncate(descriptor, off_t(length))  // take back the part of a line that found room
                    throw FileError.writing(path, code: code)
                }
                written += count
            }
            length += line.count
        }
    }

    /// Number of bytes, and the number up to and including the last line end.
    private static func size(of descriptor: Int32, path: String) throws -> (all: Int, lines: Int) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.writing(path, code: errno) }
        let size = Int(status.st_size)
        var end = size
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while end > 0 {
            let start = max(0, end - part.count)
            let count = pread(descriptor, &part, end - start, off_t(start))
            guard count == end - start else { throw FileError.reading(path, code: errno) }
            if let last = part[..<count].lastIndex(of: 0x0A) { return (size, start + last + 1) }
            end = start
        }
        return (size, 0)
    }
}
