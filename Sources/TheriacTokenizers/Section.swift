/// A stretch of text between added tokens, on its way through pre-tokenizer and model.
///
/// Owned bytes, so that a stage may rewrite them; one section is reused for all stretches of all texts.
struct Section: Sendable {
    /// UTF-8, as the model will see it (before the byte alphabet is applied).
    var bytes: [UInt8] = []
    /// Where each piece ends in `bytes`, ascending; the last is `bytes.count`.
    var ends: [Int] = []
    /// Where the section starts in the text, in bytes.
    var start = 0
    /// How many bytes at the front of `bytes` are not in the text.
    var insertedPrefix = 0

    mutating func load(_ source: UnsafeBufferPointer<UInt8>, startingAt start: Int) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: source)
        ends.removeAll(keepingCapacity: true)
        ends.append(bytes.count)
        self.start = start
        insertedPrefix = 0
    }

    /// The bytes of the text that `range` of `bytes` stands for. An inserted prefix stands for what follows
    /// it.
    func textRange(of range: Range<Int>) -> Range<Int> {
        let lower = start + max(range.lowerBound - insertedPrefix, 0)
        let last = start + max(range.upperBound - 1 - insertedPrefix, 0)
        return lower..<max(last + 1, lower)
    }
}
