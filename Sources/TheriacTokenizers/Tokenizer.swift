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

    private struct Workspace: Sendable {
        var section = Section()
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
        vocabulary = parts.vocabulary
        addedTokens = parts.addedTokens
        specialTokens = parts.addedTokens.filter(\.isSpecial)
        endOfText = parts.endOfText
        let raw = parts.addedTokens.filter { !$0.isNormalized }
        let normalized = parts.addedTokens.filter(\.isNormalized)
        rawMatcher = raw.isEmpty ? nil : AddedTokenMatcher(raw)
        normalizedMatcher = normalized.isEmpty ? nil : AddedTokenMatcher(normalized)
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

    /// The bytes a token stands for in a text; empty for an id outside the vocabulary.
    public func tokenBytes(_ id: Int32) -> [UInt8] { Array(vocabulary.meaning(id)) }

    /// The id of a token as the vocabulary file writes it: "Ġthe" for " the".
    public func id(of token: String) -> Int32? { vocabulary.id(of: Array(token.utf8)) }

    private func encode(_ text: String, into output: inout TokenSequence, addingSpecialTokens: Bool) {
        var workspace = workspaces.withLock { $0.popLast() } ?? Workspace()
        var text = text
        text.withUTF8 { bytes in
            forEachStretch(of: bytes) { range, token in
                let first = output.ids.count
                if let token {
                    append(token, range, of: bytes, to: &output)
                } else {
                    let stretch = UnsafeBufferPointer(rebasing: bytes[range])
                    workspace.section.load(stretch, startingAt: range.lowerBound)
                    pipeline.preTokenizer.preTokenize(&workspace.section)
                    pipeline.model.tokenize(workspace.section, with: &workspace.scratch, into: &output)
                    placeInText(from: first, of: workspace.section, in: &output)
                }
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

    /// Cuts out added tokens: those of the raw text first, then, between them, those of the normalized text.
    private func forEachStretch(
        of bytes: UnsafeBufferPointer<UInt8>, _ body: (_ range: Range<Int>, _ token: Int32?) -> Void
    ) {
        func cutNormalized(_ range: Range<Int>) {
            guard let normalizedMatcher else { return body(range, nil) }
            normalizedMatcher.forEachStretch(of: UnsafeBufferPointer(rebasing: bytes[range])) { part, token in
                body(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound, token)
            }
        }
        if bytes.isEmpty { return }
        guard let rawMatcher else { return cutNormalized(0..<bytes.count) }
        rawMatcher.forEachStretch(of: bytes) { range, token in
            if token == nil { cutNormalized(range) } else { body(range, token) }
        }
    }

    private func append(
        _ token: Int32, _ range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>,
        to output: inout TokenSequence
    ) {
        output.ids.append(token)
        guard output.collectsRanges else { return }
        output.ranges.append(range)
        output.margins.append(TokenSequence.Margins(of: UnsafeBufferPointer(rebasing: bytes[range])))
    }

    /// Turns positions in the section into positions in the text.
    private func placeInText(from first: Int, of section: borrowing Section, in output: inout TokenSequence) {
        guard output.collectsRanges else { return }
        for index in first..<output.ids.count {
            output.ranges[index] = section.textRange(of: output.ranges[index])
            output.margins.append(vocabulary.margins(of: output.ids[index]))
        }
    }
}
