/// GPT-2's pre-tokenizer: an optional blank in front, then the pieces of ``GPT2Pattern``.
///
/// The model reads the bytes themselves; their stand-ins exist only in vocabulary files.
struct ByteLevelPreTokenizer: PreTokenizer {
    var addsPrefixSpace: Bool
    var usesPattern: Bool

    func preTokenize(_ section: inout Section) {
        if addsPrefixSpace, let first = section.bytes.first, first != 0x20 {
            section.bytes.insert(0x20, at: 0)
            section.insertedPrefix = 1
            section.ends[0] += 1
        }
        if usesPattern {
            section.ends.removeAll(keepingCapacity: true)
            section.bytes.withUnsafeBufferPointer { GPT2Pattern.appendEnds(of: $0, to: &section.ends) }
        }
    }
}
