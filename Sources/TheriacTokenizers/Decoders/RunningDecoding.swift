/// A text that is decoded token by token, at the cost of the new tokens only.
///
/// At any time ``stable`` and ``tail()`` together are, byte for byte, what decoding all the tokens at once gives.
protocol RunningDecoding: Sendable {
    /// UTF-8 that no further token changes.
    var stable: [UInt8] { get }

    /// UTF-8 behind it, as long as no further token comes: of a character whose other bytes are still to come, U+FFFD.
    func tail(in vocabulary: Vocabulary) -> [UInt8]

    /// - Parameter id: in the vocabulary, and no special token that is left out.
    mutating func append(_ id: Int32, in vocabulary: Vocabulary)
}

/// Of ``ByteLevelDecoder``.
struct RunningBytes: RunningDecoding {
    private(set) var stable: [UInt8] = []
    /// The beginning of a character, three bytes at most.
    private var begun: [UInt8] = []

    func tail(in vocabulary: Vocabulary) -> [UInt8] { Self.repaired(begun) }

    mutating func append(_ id: Int32, in vocabulary: Vocabulary) {
        begun.append(contentsOf: vocabulary.meaning(id))
        let end = begun.count - Self.openCount(begun)
        stable.append(contentsOf: Self.repaired(Array(begun[..<end])))
        begun.removeFirst(end)
    }

    private static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        bytes.isEmpty ? [] : Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// Bytes at the end that may be the beginning of a character. A byte that begins one ends whatever stands before it, so
    /// that what is repaired before it does not depend on what follows.
    ///
    /// Source: Unicode 15, table 3-7.
    static func openCount(_ bytes: [UInt8]) -> Int {
        for count in 1...3 where count <= bytes.count {
            let byte = bytes[bytes.count - count]
            if byte & 0xC0 == 0x80 { continue }
            let length =
                switch byte {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            guard count < length else { return 0 }
            guard count > 1 else { return 1 }
            let second: ClosedRange<UInt8> =
                switch byte {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            return second.contains(bytes[bytes.count - count + 1]) ? count : 0
        }
        return 0
    }
}

/// Of ``BlankDecoder``.
struct RunningBlanks: RunningDecoding {
    private(set) var stable: [UInt8] = []
    private var isFirst = true

    func tail(in vocabulary: Vocabulary) -> [UInt8] { [] }

    mutating func append(_ id: Int32, in vocabulary: Vocabulary) {
        if !isFirst { stable.append(0x20) }
        isFirst = false
        stable.append(contentsOf: String(decoding: Array(vocabulary.content(id)), as: UTF8.self).utf8)
    }
}

/// Of ``DecoderChain``. Where its steps look at one token at a time, only tokens since the last place are decoded at which
/// the text can be cut; a run of byte tokens cannot, for one byte more may make all of it U+FFFD. Other chains decode all
/// tokens each time.
struct RunningChain: RunningDecoding {
    private(set) var stable: [UInt8] = []
    private let chain: DecoderChain
    private let isSeparable: Bool
    private let hasByteTokens: Bool
    /// Tokens of which nothing is in `stable`.
    private var open: [Int32] = []
    /// How many of them stand before the run of byte tokens at the end.
    private var beforeRun = 0

    init(_ chain: DecoderChain) {
        self.chain = chain
        isSeparable = chain.isSeparable
        hasByteTokens = chain.steps.contains { $0 is ByteFallbackStep }
    }

    func tail(in vocabulary: Vocabulary) -> [UInt8] { text(of: open[...], in: vocabulary) }

    mutating func append(_ id: Int32, in vocabulary: Vocabulary) {
        open.append(id)
        guard isSeparable else { return }
        if hasByteTokens, chain.isByte(id, in: vocabulary) {
            close(beforeRun, in: vocabulary)
        } else {
            close(open.count, in: vocabulary)
            beforeRun = open.count
        }
    }

    private mutating func close(_ count: Int, in vocabulary: Vocabulary) {
        guard count > 0 else { return }
        let text = text(of: open[..<count], in: vocabulary)
        // What is taken off the beginning of a text may still be to come.
        guard !stable.isEmpty || !text.isEmpty else { return }
        stable.append(contentsOf: text)
        open.removeFirst(count)
        beforeRun = 0
    }

    private func text(of ids: ArraySlice<Int32>, in vocabulary: Vocabulary) -> [UInt8] {
        let contents = ids.map { Array(vocabulary.content($0)) }
        let bytes = stable.isEmpty ? chain.bytes(of: contents) : chain.bytes(following: contents)
        return Array(String(decoding: bytes, as: UTF8.self).utf8)
    }
}
