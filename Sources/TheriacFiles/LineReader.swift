import Foundation

/// One line of a file, without its line end.
public struct Line: Sendable, Equatable {
    /// Position in the file, from 1.
    public var number: Int
    /// The bytes as they are in the file; not necessarily UTF-8.
    public var bytes: [UInt8]

    public init(number: Int, bytes: [UInt8]) {
        self.number = number
        self.bytes = bytes
    }

    /// The line as text, or nil when it is not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Position of the first byte that is not UTF-8, or nil when the line is text.
    public var invalidOffset: Int? {
        guard text == nil else { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            offset += UTF8.width(scalar)
        }
        return offset
    }
}

/// Reads a file line by line without holding more than one line of it: plain, gzip (known by its first
/// bytes, not its name), or standard input ("-").
///
/// A line ends at `\n` or `\r\n`; the last needs no end. A byte order mark at the start is dropped.
public final class LineReader {
    /// The path as given, or "standard input"; for messages.
    public let path: String
    /// Number of the line last returned; 0 before the first.
    public private(set) var lineNumber = 0

    private let read: (UnsafeMutableRawBufferPointer) throws -> Int
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    /// Bytes of `buffer` not yet returned.
    private var rest = 0..<0
    private var hasEnded = false
    private let limit: Int

    /// - Parameters:
    ///   - path: a file, or "-" for standard input.
    ///   - maximumLineLength: bytes of the longest line to accept, which protects memory.
    /// - Throws: ``FileError`` when the file cannot be opened, or is named `.gz` and is not gzip.
    public init(path: String, maximumLineLength: Int = 1 << 28) throws {
        let file = try InputFile(path: path)
        self.path = file.path
        limit = maximumLineLength
        var count = 0
        while count < 3 {
            let part = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count..<(1 << 16)]))
            guard part > 0 else { break }
            count += part
        }
        let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        if start.starts(with: [0x1F, 0x8B]) {
            let gzip = try GzipInput(file, start: start)
            read = { try gzip.read(into: $0) }
        } else if path.hasSuffix(".gz") {
            throw FileError.damagedGzip(file: path, reason: "it is named .gz and is not gzip")
        } else {
            read = { try file.read(into: $0) }
            rest = 0..<count
        }
        try skipByteOrderMark()
    }

    deinit {
        buffer.deallocate()
    }

    /// The next line, or nil after the last.
    /// - Throws: ``FileError`` when reading fails, compressed data is damaged or a line is too long.
    public func next() throws -> Line? {
        try withNext { Line(number: $0, bytes: Array($1)) }
    }

    /// Calls `body` with the number and the bytes of the next line, which are valid only during the call,
    /// and returns its result; nil after the last line.
    public func withNext<Result>(_ body: (Int, UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        guard let end = try lineEnd() else {
            guard !rest.isEmpty else { return nil }
            let line = rest
            rest = rest.upperBound..<rest.upperBound
            lineNumber += 1
            return try body(lineNumber, trimmed(line))
        }
        let line = rest.lowerBound..<end
        rest = (end + 1)..<rest.upperBound
        lineNumber += 1
        return try body(lineNumber, trimmed(line))
    }

    private func trimmed(_ line: Range<Int>) -> UnsafeRawBufferPointer {
        let hasReturn = buffer[line].last == UInt8(ascii: "\r")
        return UnsafeRawBufferPointer(rebasing: buffer[line.dropLast(hasReturn ? 1 : 0)])
    }

    /// Position of the next `\n` in the buffer, reading more until there is one; nil when the file has no
    /// more.
    private func lineEnd() throws -> Int? {
        var searched = rest.lowerBound
        while true {
            if searched < rest.upperBound, let base = buffer.baseAddress,
                let found = memchr(base + searched, 0x0A, rest.upperBound - searched)
            {
                return base.distance(to: found)
            }
            let examined = rest.count
            guard examined <= limit else {
                throw FileError.lineTooLong(file: path, line: lineNumber + 1, limit: limit)
            }
            guard try fill() else { return nil }
            searched = rest.lowerBound + examined
        }
    }

    /// Reads more bytes behind the rest; false at the end of the file.
    private func fill() throws -> Bool {
        guard !hasEnded else { return false }
        if rest.lowerBound > 0 {
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<rest.count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[rest]))
            rest = 0..<rest.count
        }
        if rest.count == buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
            buffer.deallocate()
            buffer = larger
        }
        let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[rest.upperBound...]))
        hasEnded = count == 0
        rest = 0..<(rest.upperBound + count)
        return count > 0
    }

    private func skipByteOrderMark() throws {
        while rest.count < 3, try fill() {}
        if buffer[rest].starts(with: [0xEF, 0xBB, 0xBF]) { rest.removeFirst(3) }
    }
}
