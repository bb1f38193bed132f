/// Token contents and their ids, looked up by UTF-8 bytes.
///
/// Never by `String`: `String` equality is canonical equivalence, and would take "é" for "e" with an accent
/// after it.
struct Vocabulary: Sendable {
    /// All contents, one after the other.
    private var storage: [UInt8] = []
    /// Where each id's content lies in `storage`.
    private var spans: [Range<Int>] = []
    /// Open addressing: an id, or -1 where free. The count is a power of two, at least twice the number of
    /// tokens.
    private var slots: [Int32] = [Int32](repeating: -1, count: 16)
    /// The bytes each id means in text, one after the other, and where each starts; one more than ids.
    private var meanings: [UInt8] = []
    private var meaningStarts: [Int] = [0]
    /// The special tokens' ids.
    var special: Set<Int32> = []
    /// Added tokens whose normalized form differs from their content.
    var normalizedForms: [Int32: [UInt8]] = [:]

    var count: Int { spans.count }

    /// A vocabulary of contents laid out in `storage`; `spans` gives each id's place.
    ///
    /// - Returns: nil in `duplicate` unless two ids have the same content; then those two.
    init(storage: [UInt8], spans: [Range<Int>], duplicate: inout (Int, Int)?) {
        self.storage = storage
        self.spans = spans
        grow(for: spans.count)
        for id in spans.indices {
            if let earlier = insert(Int32(id)) { duplicate = duplicate ?? (Int(earlier), id) }
        }
    }

    /// Takes down the bytes that each token stands for by the byte alphabet.
    mutating func readMeanings() {
        (meanings, meaningStarts) = ([], [0])
        meanings.reserveCapacity(storage.count)
        meaningStarts.reserveCapacity(spans.count + 1)
        for id in spans.indices {
            ByteAlphabet.appendBytes(of: content(Int32(id)), to: &meanings)
            meaningStarts.append(meanings.count)
        }
    }

    /// Adds a token with the next id.
    mutating func append(_ content: [UInt8]) {
        spans.append(storage.count..<storage.count + content.count)
        storage.append(contentsOf: content)
        if slots.count < 2 * spans.count {
            grow(for: 2 * spans.count)
            for id in spans.indices { _ = insert(Int32(id)) }
        } else {
            _ = insert(Int32(spans.count - 1))
        }
    }

    /// How many bytes the longest content has.
    var longestContent: Int { spans.reduce(0) { max($0, $1.count) } }

    /// The content as the vocabulary file has it, or, for an added token that is looked for in normalized
    /// text, its normalized form.
    func content(_ id: Int32) -> ArraySlice<UInt8> {
        if !normalizedForms.isEmpty, let form = normalizedForms[id] { return form[...] }
        return contains(id) ? storage[spans[Int(id)]] : []
    }

    /// The bytes the token stands for by the byte alphabet, once ``readMeanings()`` was called.
    func meaning(_ id: Int32) -> ArraySlice<UInt8> {
        contains(id) ? meanings[meaningStarts[Int(id)]..<meaningStarts[Int(id) + 1]] : []
    }

    func contains(_ id: Int32) -> Bool { id >= 0 && Int(id) < spans.count }

    func id(of content: [UInt8]) -> Int32? {
        content.withUnsafeBufferPointer { id(of: $0) }
    }

    func id(of content: UnsafeBufferPointer<UInt8>) -> Int32? {
        var slot = Self.hash(content) & (slots.count - 1)
        while slots[slot] >= 0 {
            if isEqual(slots[slot], content) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The longest token that is `prefix` and then the beginning of a range; its id, and where it ends.
    func longestMatch(
        in range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, after prefix: [UInt8]
    ) -> (id: Int32, end: Int)? {
        // One pass for the hashes of all beginnings, then from the longest down.
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: range.count) { hashes in
            var hash = Self.emptyHash
            for byte in prefix { hash = Self.extend(hash, by: byte) }
            for index in 0..<range.count {
                hash = Self.extend(hash, by: bytes[range.lowerBound + index])
                hashes[index] = hash
            }
            var count = range.count
            while count > 0 {
                var slot = Self.fold(hashes[count - 1]) & (slots.count - 1)
                while slots[slot] >= 0 {
                    let content = storage[spans[Int(slots[slot])]]
                    let beginning = range.lowerBound..<range.lowerBound + count
                    if content.count == prefix.count + count, content.starts(with: prefix),
                        content.dropFirst(prefix.count).elementsEqual(bytes[beginning])
                    {
                        return (slots[slot], beginning.upperBound)
                    }
                    slot = (slot + 1) & (slots.count - 1)
                }
                count -= 1
            }
            return nil
        }
    }

    private mutating func grow(for tokens: Int) {
        var size = 16
        while size < 2 * tokens { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    /// Enters an id; when another has the same content, leaves that one and returns it.
    private mutating func insert(_ id: Int32) -> Int32? {
        storage.withUnsafeBufferPointer { storage in
            let content = UnsafeBufferPointer(rebasing: storage[spans[Int(id)]])
            var slot = Self.hash(content) & (slots.count - 1)
            while slots[slot] >= 0 {
                let other = UnsafeBufferPointer(rebasing: storage[spans[Int(slots[slot])]])
                if other.elementsEqual(content) { return slots[slot] }
                slot = (slot + 1) & (slots.count - 1)
            }
            slots[slot] = id
            return nil
        }
    }

    private func isEqual(_ id: Int32, _ content: UnsafeBufferPointer<UInt8>) -> Bool {
        let span = spans[Int(id)]
        guard span.count == content.count else { return false }
        return storage.withUnsafeBufferPointer { $0[span].elementsEqual(content) }
    }

    /// FNV-1a, folded so that the low bits depend on all bytes.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = emptyHash
        for byte in bytes { hash = extend(hash, by: byte) }
        return fold(hash)
    }

    private static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    private static func extend(_ hash: UInt64, by byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    @inline(__always)
    private static func fold(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash ^ hash >> 29) }
}
