import CZlib
import Foundation

/// Unpacks gzip data read from a file, member after member.
final class GzipInput {
    private let file: InputFile
    private var stream = z_stream()
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    /// Bytes of `input` that hold data not yet unpacked.
    private var pending = 0..<0
    private var isInsideMember = true
    private var hasEnded = false

    /// `start`: bytes of the file that were read already, at most the size of the input buffer.
    init(_ file: InputFile, start: UnsafeRawBufferPointer) throws {
        self.file = file
        input.copyMemory(from: start)
        pending = 0..<start.count
        let gzipOnly: Int32 = 15 + 16
        let status = inflateInit2_(&stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw damaged("zlib does not start") }
    }

    deinit {
        inflateEnd(&stream)
        input.deallocate()
    }

    /// Unpacks up to `output.count` bytes; 0 means the end.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard output.count > 0 else { return 0 }
        while !hasEnded {
            if pending.isEmpty {
                pending = 0..<(try file.read(into: input))
                if pending.isEmpty {
                    guard !isInsideMember else { throw damaged("the compressed data ends too early") }
                    hasEnded = true
                    return 0
                }
            }
            if !isInsideMember { try beginMember() }
            guard isInsideMember else { continue }
            let count = try inflate(into: output)
            if count > 0 { return count }
        }
        return 0
    }

    private func inflate(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let available = min(output.count, Int(UInt32.max))
        stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self).advanced(
            by: pending.lowerBound)
        stream.avail_in = UInt32(pending.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(available)
        let status = CZlib.inflate(&stream, Z_NO_FLUSH)
        pending = (pending.upperBound - Int(stream.avail_in))..<pending.upperBound
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isInsideMember = false
        default: throw damaged(stream.msg.map { String(cString: $0) } ?? "zlib error \(status)")
        }
        return available - Int(stream.avail_out)
    }

    /// After a member, another may follow, or zero bytes that some tools pad with.
    private func beginMember() throws {
        while let byte = pending.first.map({ input[$0] }), byte == 0 { pending.removeFirst() }
        guard let byte = pending.first.map({ input[$0] }) else { return }
        guard byte == 0x1F, inflateReset(&stream) == Z_OK else {
            throw damaged("something follows the compressed data")
        }
        isInsideMember = true
    }

    private func damaged(_ reason: String) -> FileError {
        .damagedGzip(file: file.path, reason: reason)
    }
}
