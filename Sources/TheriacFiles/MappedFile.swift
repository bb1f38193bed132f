public import Foundation

/// A whole file as read-only memory. Copies share the mapping, which ends with the last of them.
///
/// Pages are read when they are touched, so opening a large file costs nothing. Replacing the file by rename
/// (as ``AtomicFile`` does) leaves the mapping intact; cutting it short in place does not, and reading
/// past the new end then ends the process. That is the system's rule for mapped memory.
public struct MappedFile: Sendable {
    private let mapping: Mapping

    /// Maps the file at `url`. Throws ``FileError`` when it cannot be opened.
    public init(contentsOf url: URL) throws {
        mapping = try Mapping(path: url.path)
    }

    /// Number of bytes.
    public var count: Int { mapping.count }

    /// Calls `body` with the bytes, which are valid only during the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
    {
        try withExtendedLifetime(mapping) {
            try body(UnsafeRawBufferPointer(start: mapping.start, count: mapping.count))
        }
    }
}

/// Owner of the mapped pages.
///
/// `@unchecked` is safe: the pages are mapped read-only, both properties are constant, and the pages go
/// back to the system only when the last reference does.
private final class Mapping: @unchecked Sendable {
    let start: UnsafeRawPointer?
    let count: Int

    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.reading(path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.reading(path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError.cannotRead(file: path, reason: "it is not a plain file")
        }
        count = Int(status.st_size)
        guard count > 0 else {
            start = nil
            return
        }
        let pages = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let pages, pages != MAP_FAILED else { throw FileError.reading(path, code: errno) }
        start = UnsafeRawPointer(pages)
    }

    deinit {
        if let start { munmap(UnsafeMutableRawPointer(mutating: start), count) }
    }
}
