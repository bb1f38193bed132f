public import Foundation
import TheriacFiles
import TheriacTokenizers

extension WordNeighbours {
    /// For each rude word, the words of general English nearest to it in a model's input embeddings.
    ///
    /// A word's vector is the mean over its tokens, after a blank; near is a large cosine. Near words are those that a
    /// single token says and that are not rude themselves.
    /// - Parameters:
    ///   - folder: a checkpoint with `tokenizer.json` and safetensors whose embedding is called `…wte.weight`,
    ///     `…embed_tokens.weight` or `…word_embeddings.weight`, in fp32 or bf16.
    ///   - count: neighbours of each word.
    /// - Throws: ``DetectionError/damaged(file:reason:)`` when there is no such embedding; errors of files.
    public init(embeddings folder: URL, vocabulary: EvasionVocabulary, count: Int = 10) throws {
        let table = try EmbeddingTable(folder)
        let tokenizer = try Tokenizer(folder: folder)
        func vector(_ word: String) -> (tokens: Int, values: [Float])? {
            let known = tokenizer.encode(" " + word, addingSpecialTokens: false)
            return table.mean(known).map { (known.count, $0) }
        }
        let candidates = vocabulary.english.compactMap { word -> (word: String, values: [Float])? in
            guard word.utf8.count > 2, vocabulary.target(word.utf8) == nil, let found = vector(word),
                found.tokens == 1
            else { return nil }
            return (word, found.values)
        }
        var near: [String: [String]] = [:]
        for target in vocabulary.targets {
            let word = String(decoding: target.letters, as: UTF8.self)
            guard let own = vector(word)?.values else { continue }
            let ranked = candidates.map { ($0.word, EmbeddingTable.dot(own, $0.values)) }
                .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
            near[word] = ranked.prefix(count).map(\.0)
        }
        self.init(table: near)
    }
}

/// A model's input embeddings `[tokens, width]`, as unit vectors' means.
private struct EmbeddingTable {
    private let values: [Float]
    private let width: Int

    init(_ folder: URL) throws {
        let file = try ShardedSafetensors(folder: folder)
        let endings = ["wte.weight", "embed_tokens.weight", "word_embeddings.weight"]
        let name = file.tensors.keys.sorted().first { name in endings.contains { name.hasSuffix($0) } }
        guard let name, let entry = file.tensors[name], entry.shape.count == 2 else {
            throw DetectionError.damaged(
                file: folder.path, reason: "it has no embedding called \(endings.joined(separator: ", "))")
        }
        width = entry.shape[1]
        values = try file.withBytes(of: name) { bytes in
            switch entry.dtype {
            case .float32:
                return (0..<(bytes.count / 4)).map {
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            case .bfloat16:
                return (0..<(bytes.count / 2)).map {
                    let half = UInt16(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))
                    return Float(bitPattern: UInt32(half) << 16)
                }
            default:
                throw DetectionError.damaged(
                    file: folder.path,
                    reason: "its embedding is \(entry.dtype.rawValue); it must be F32 or BF16")
            }
        }
    }

    /// The mean over tokens, scaled to length 1; nil for no tokens, or unknown ones.
    func mean(_ tokens: [Int32]) -> [Float]? {
        guard !tokens.isEmpty, tokens.allSatisfy({ $0 >= 0 && (Int($0) + 1) * width <= values.count }) else {
            return nil
        }
        var sum = [Float](repeating: 0, count: width)
        for token in tokens {
            for column in 0..<width { sum[column] += values[Int(token) * width + column] }
        }
        let length = Self.dot(sum, sum).squareRoot()
        return length > 0 ? sum.map { $0 / length } : nil
    }

    static func dot(_ first: [Float], _ second: [Float]) -> Float {
        var sum: Float = 0
        for (a, b) in zip(first, second) { sum += a * b }
        return sum
    }
}
