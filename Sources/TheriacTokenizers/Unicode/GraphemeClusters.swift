/// Extended grapheme clusters, as the standard library finds them.
///
/// Source: Unicode Standard Annex 29.
enum GraphemeClusters {
    /// Where a stretch ends that has no cluster in common with what follows it.
    static func end(ofStretchAt start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var position = start + UTF8Scalar.width(ofLead: bytes[start])
        var wasPlain = isPlain(bytes, at: start)
        while position < bytes.count {
            let plain = isPlain(bytes, at: position)
            if plain, wasPlain { break }
            wasPlain = plain
            position += UTF8Scalar.width(ofLead: bytes[position])
        }
        return position
    }

    /// Calls `body` with each cluster of a stretch.
    static func forEach(
        in stretch: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
    ) {
        // One scalar is one cluster, and most stretches are.
        if stretch.count == UTF8Scalar.width(ofLead: bytes[stretch.lowerBound]) { return body(stretch) }
        var start = stretch.lowerBound
        for character in String(decoding: UnsafeBufferPointer(rebasing: bytes[stretch]), as: UTF8.self) {
            let end = start + character.utf8.count
            body(start..<end)
            start = end
        }
    }

    /// Scalars with a border between any two of them: letters of the commonest scripts and ASCII, without CR,
    /// after which LF may come.
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        if bytes[position] < 0x80 { return bytes[position] != 0x0D }
        switch UTF8Scalar.decode(bytes, at: position).value {
        case 0xC0...0x2FF, 0x370...0x482, 0x48A...0x52F, 0x2010...0x2027, 0x3041...0x3096, 0x30A1...0x30FF,
            0x4E00...0x9FFF:
            return true
        default: return false
        }
    }
}
