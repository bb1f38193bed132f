public import Foundation

/// `data` as one gzip member (RFC 1952) of stored blocks.
public func gzip(_ data: Data) -> Data {
    var member = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    var rest = data[...]
    repeat {
        let block = rest.prefix(0xFFFF)
        rest = rest.dropFirst(block.count)
        let length = UInt16(block.count)
        member += [rest.isEmpty ? 1 : 0] + bytes(length) + bytes(~length) + block
    } while !rest.isEmpty
    return member + bytes(checksum(data)) + bytes(UInt32(data.count))
}

/// CRC-32 of `data`, bit by bit.
private func checksum(_ data: Data) -> UInt32 {
    var state = UInt32.max
    for byte in data {
        state ^= UInt32(byte)
        for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~state
}

private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
}
