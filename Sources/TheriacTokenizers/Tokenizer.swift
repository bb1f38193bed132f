public import Foundation
import Synchronization

/// Turns text into token ids and back, as the Rust library `tokenizers` does with the same files.
///
/// Safe to use from any number of threads; each call borrows working memory from a pool.
public final class Tokenizer: Sendable {
    private let pipeline: Pipeline
    private let vocabulary: Vocabulary
    /// Tokens to find before and after normalization; nil where there are none.
    private let rawMatcher: AddedTokenMatcher?
    private let normalizedMatcher: AddedTokenMatcher?
    private let workspaces = Mutex<[Workspace]>([])

    /// Tokens that are recognised in the text as they stand, special or not.
    public let addedTokens: [AddedToken]
    /// Added tokens that decoding leaves out by default.
    public let specialTokens: [AddedToken]
    /// The id that ends a text, from the files around the tokenizer or `<|endoftext|>`; nil when there is
    /// none.
    public let endOfText: Int32?

    /// Special tokens put before a text: `[CLS]`, `<s>`.
    public let prefixTokens: [Int32]
    /// Special tokens put after a text: `[SEP]`, `</s>`.
    public let suffixTokens: [Int32]

    private struct Workspace: Sendable {
        var section = Section()
        /// A part of `section`, between added tokens of normalized text.
        var part = Section()
        var scratch = ModelScratch()
    }

    /// Reads the tokenizer of a checkpoint folder: `tokenizer.json`, or `vocab.json` and `merges.txt`.
    ///
    /// - Throws: ``TokenizerError`` when files are missing, damaged, or ask for what is not supported.
    public convenience init(folder: URL) throws {
        self.init(try TokenizerFolder(folder).read())
    }

    init(_ parts: TokenizerParts) {
        pipeline = parts.pipeline
        var vocabulary = parts.vocabulary
        if pipeline.decoder is ByteLevelDecoder { vocabulary.readMeanings() }
        self.vocabulary = vocabulary
        addedTokens = parts.addedTokens
        specialTokens = parts.addedTokens.filter(\.isSpecial)
        endOfText = parts.endOfText
        // A stand-in for the text shows what comes before and after it.
        var around = TokenSequence(collectsRanges: false)
        around.ids = [-1]
        for processor in pipeline.postProcessors { processor.process(&around, addingSpecialTokens: true) }
        let place = around.ids.firstIndex(of: -1) ?? 0
        prefixTokens = Array(around.ids[..<place])
        suffixTokens = Array(around.ids[min(place + 1, around.ids.count)...])
        let raw = parts.addedTokens.filter { !$0.isNormalized }
        let normalized = parts.addedTokens.filter(\.isNormalized)
        rawMatcher = raw.isEmpty ? nil : AddedTokenMatcher(raw)
        normalizedMatcher =
            normalized.isEmpty ? nil : AddedTokenMatcher(normalized, forms: vocabulary.normalizedForms)
    }

    /// How many tokens there are: ids are below this.
    public var vocabularySize: Int { vocabulary.count }

    /// The ids of a text.
    ///
    /// Special tokens written out in the text are recognised. `addingSpecialTokens` is about those that the
    /// tokenizer itself puts around a text; GPT-2 has none.
    public func encode(_ text: String, addingSpecialTokens: Bool = true) -> [Int32] {
        var output = TokenSequence(collectsRanges: false)
        encode(text, into: &output, addingSpecialTokens: addingSpecialTokens)
        return output.ids
    }

    /// The ids of a text and the scalars that each covers.
    public func encodeWithOffsets(_ text: String, addingSpecialTokens: Bool = true) -> Encoding {
        var output = TokenSequence(collectsRanges: true)
        encode(text, into: &output, addingSpecialTokens: addingSpecialTokens)
        return Encoding(ids: output.ids, offsets: output.ranges)
    }

    /// The text of ids. Ids outside the vocabulary are passed over; bytes that are not UTF-8 become U+FFFD.
    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = true) -> String {
        let known = ids.filter {
            vocabulary.contains($0) && !(skippingSpecialTokens && vocabulary.special.contains($0))
        }
        return pipeline.decoder.text(of: known, in: vocabulary)
    }

    func makeRunningDecoding() -> any RunningDecoding { pipeline.decoder.running() }

    func append(_ id: Int32, to running: inout any RunningDecoding, skippingSpecialTokens: Bool) {
        guard vocabulary.contains(id), !(skippingSpecialTokens && vocabulary.special.contains(id)) else {
            return
        }
        running.append(id, in: vocabulary)
    }

    func tail(of running: any RunningDecoding) -> [UInt8] { running.tail(in: vocabulary) }

    /// The bytes a token stands for in a text; empty for an id outside the vocabulary.
    public func tokenBytes(_ id: Int32) -> [UInt8] { pipeline.decoder.bytes(of: id, in: vocabulary) }

    /// Ids of a text's part with the special tokens around them that ``encode(_:addingSpecialTokens:)`` puts
    /// around a whole text.
    public func surrounded(_ ids: some Collection<Int32>) -> [Int32] { prefixTokens + ids + suffixTokens }

    /// How many tokens ``surrounded(_:)`` adds.
    public var surroundingCount: Int { prefixTokens.count + suffixTokens.count }

    /// The id of a token as the vocabulary file writes it: "Ġthe" for " the".
    public func id(of token: String) -> Int32? { vocabulary.id(of: Array(token.utf8)) }

    private func encode(_ text: String, into output: inout TokenSequence, addingSpecialTokens: Bool) {
        var workspace = workspaces.withLock { $0.popLast() } ?? Workspace()
        var text = text
        text.withUTF8 { bytes in
            if let rawMatcher {
                rawMatcher.forEachStretch(of: bytes) { range, token in
                    if let token {
                        append(token, range, content: bytes[range], to: &output)
                    } else {
                        encode(range, of: bytes, with: &workspace, into: &output)
                    }
                }
            } else {
                encode(0..<bytes.count, of: bytes, with: &workspace, into: &output)
            }
            if output.collectsRanges {
                var cursor = ScalarCursor(bytes)
                for index in output.ranges.indices {
                    output.ranges[index] = cursor.scalars(in: output.ranges[index])
                }
            }
        }
        for processor in pipeline.postProcessors {
            processor.process(&output, addingSpecialTokens: addingSpecialTokens)
        }
        let returned = workspace
        workspaces.withLock { $0.append(returned) }
    }

    /// Normalizes a stretch of text, cuts out the added tokens of normalized text, and encodes the rest.
    private func encode(
        _ range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, with workspace: inout Workspace,
        into output: inout TokenSequence
    ) {
        let tracksPlaces = output.collectsRanges || pipeline.needsPlaces
        workspace.section.load(
            UnsafeBufferPointer(rebasing: bytes[range]), startingAt: range.lowerBound,
            tracksPlaces: tracksPlaces)
        for normalizer in pipeline.normalizers { normalizer.normalize(&workspace.section) }
        guard let normalizedMatcher else {
            return encode(&workspace.section, with: &workspace.scratch, into: &output)
        }
        let section = workspace.section
        section.bytes.withUnsafeBufferPointer { bytes in
            normalizedMatcher.forEachStretch(of: bytes) { range, token in
                if let token {
                    append(token, section.textRange(of: range), content: bytes[range], to: &output)
                } else {
                    workspace.part.load(range, of: section)
                    encode(&workspace.part, with: &workspace.scratch, into: &output)
                }
            }
        }
    }

    /// Encodes a section without added tokens.
    private func encode(
        _ section: inout Section, with scratch: inout ModelScratch, into output: inout TokenSequence
    ) {
        if section.bytes.isEmpty { return }
        let first = output.ids.count
        for preTokenizer in pipeline.preTokenizers { preTokenizer.preTokenize(&section) }
        pipeline.model.tokenize(section, with: &scratch, into: &output)
        guard output.collectsRanges else { return }
        for index in first..<output.ids.count {
            output.ranges[index] = section.textRange(of: output.ranges[index])
            output.margins.append(vocabulary.margins(of: output.ids[index]))
        }
    }

    private func append(
        _ token: Int32, _ range: Range<Int>, content: Slice<UnsafeBufferPointer<UInt8>>,
        to output: inout TokenSequence
    ) {
        output.ids.append(token)
        guard output.collectsRanges else { return }
        output.ranges.append(range)
        output.margins.append(TokenSequence.Margins(of: UnsafeBufferPointer(rebasing: content)))
    }
}
