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
        meanings.reserveCapacity(storage.count)
        meaningStarts.reserveCapacity(spans.count + 1)
        for id in spans.indices { appendMeaning(of: id) }
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
        appendMeaning(of: spans.count - 1)
    }

    /// The content as the vocabulary file has it.
    func content(_ id: Int32) -> ArraySlice<UInt8> {
        contains(id) ? storage[spans[Int(id)]] : []
    }

    /// The bytes the token stands for in a text.
    func meaning(_ id: Int32) -> ArraySlice<UInt8> {
        contains(id) ? meanings[meaningStarts[Int(id)]..<meaningStarts[Int(id) + 1]] : []
    }

    /// How many bytes the token stands for in a text.
    func meaningLength(_ id: Int32) -> Int {
        meaningStarts[Int(id) + 1] - meaningStarts[Int(id)]
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

    private mutating func appendMeaning(of id: Int) {
        ByteAlphabet.appendBytes(of: storage[spans[id]], to: &meanings)
        meaningStarts.append(meanings.count)
    }

    /// FNV-1a, folded so that the low bits depend on all bytes.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29)
    }
}
