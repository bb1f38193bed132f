internal import Foundation
internal import TheriacFiles
internal import TheriacModels
internal import TheriacTensors

/// Hidden states and the tokens that followed them, in memory-mapped files: exact search for the nearest ones.
final class NeighbourStore {
    /// `nontoxic-000.safetensors`, …
    static func fileName(_ kind: ToxicityClass, _ number: Int) -> String {
        kind.rawValue + String(format: "-%03d.safetensors", number)
    }

    /// The entries nearest to a query: how much each token is meant, adding up to 1.
    typealias Neighbours = [Int32: Float]

    /// Entries in all.
    let count: Int
    private let files: [(file: SafetensorsFile, entries: Int)]
    private let tokens: [Int32]
    private let width: Int
    private let device: Device
    /// Blocks that stay in memory: all of them on a GPU, none of a store that is larger than ``heldBytes``.
    private var held: [Int: Block] = [:]
    private let holds: Bool
    private static let heldBytes = 1 << 30
    private let blockEntries: Int

    private struct Block {
        let keys: Tensor  // float32 [entries, width], or as stored
        let squares: Tensor  // float32 [entries]
    }

    /// - Parameter blockEntries: entries that are compared at once.
    /// - Returns: nil when the folder has no file of the class.
    init?(_ folder: URL, _ kind: ToxicityClass, for loaded: LoadedModel, blockEntries: Int = 16384) throws {
        self.blockEntries = blockEntries
        let shape = loaded.model.shape
        width = shape.width
        device = loaded.model.device
        var files: [(file: SafetensorsFile, entries: Int)] = []
        var tokens: [Int32] = []
        var bytes = 0
        while true {
            let url = folder.appendingPathComponent(Self.fileName(kind, files.count))
            guard FileManager.default.fileExists(atPath: url.path) else { break }
            let file = try SafetensorsFile(contentsOf: url)
            let own = try MethodFile.tensor("tokens", [-1], in: file, url).integers().map {
                Int32(clamping: $0)
            }
            guard let keys = file.tensors["keys"], keys.shape == [own.count, width],
                DType(keys.dtype)?.isFloatingPoint == true, let squares = file.tensors["squares"],
                squares.shape == [own.count], squares.dtype == .float32
            else {
                throw MethodFileError.wrongShape(
                    file: url.lastPathComponent, tensor: "keys", found: file.tensors["keys"]?.shape ?? [],
                    expected: [own.count, width])
            }
            guard own.allSatisfy({ $0 >= 0 && $0 < shape.vocabulary }) else {
                throw MethodFileError.damaged(
                    file: url.lastPathComponent, reason: "it holds tokens beyond the vocabulary")
            }
            files.append((file, own.count))
            tokens += own
            bytes += keys.byteRange.count
        }
        guard !files.isEmpty else { return nil }
        self.files = files
        self.tokens = tokens
        count = tokens.count
        holds = device != .cpu || bytes <= Self.heldBytes
    }

    /// Of the `k` entries nearest to each query, softmax(−distance² / temperature), summed by token.
    ///
    /// - Parameter queries: `[rows, width]`.
    func neighbours(of queries: Tensor, k: Int, temperature: Double) throws -> [Neighbours] {
        try Torch.withoutGradients {
            let (scores, places) = try nearest(queries, k: k)
            // |q|² is the same for all entries, so 2 q·k − |k|² orders and weighs them as −distance² does.
            let weights = try (scores / temperature).softmax().floats()
            let ids = try places.integers()
            let found = scores.size(1)
            return (0..<queries.size(0)).map { row in
                var meant: Neighbours = [:]
                for place in row * found..<(row + 1) * found {
                    meant[tokens[Int(ids[place])], default: 0] += weights[place]
                }
                return meant
            }
        }
    }

    /// 2 q·k − |k|² of the nearest entries, descending, and their places: `[rows, min(k, count)]` each.
    func nearest(_ queries: Tensor, k: Int) throws -> (scores: Tensor, places: Tensor) {
        let queries = try queries.to(.float32)
        var best: (scores: Tensor, places: Tensor)?
        var first = 0
        var number = 0
        for (index, file) in files.enumerated() {
            for start in stride(from: 0, to: file.entries, by: blockEntries) {
                let range = start..<min(start + blockEntries, file.entries)
                let block = try block(number, file: index, range)
                let scores = try queries.matmul(block.keys.to(.float32).transposed()) * 2 - block.squares
                let (top, within) = try scores.top(min(k, range.count))
                let ids = try Tensor.arange(first + start..<first + range.upperBound, on: device)
                let places = try ids.select(0, within.reshape([within.count])).reshape(within.shape)
                best = try best.map { try Self.merged($0, (top, places), k: k) } ?? (top, places)
                number += 1
            }
            first += file.entries
        }
        guard let best else { preconditionFailure("a store has entries") }
        return best
    }

    private static func merged(
        _ a: (scores: Tensor, places: Tensor), _ b: (scores: Tensor, places: Tensor), k: Int
    ) throws -> (scores: Tensor, places: Tensor) {
        let scores = try Tensor.concatenate([a.scores, b.scores], dimension: 1)
        let places = try Tensor.concatenate([a.places, b.places], dimension: 1)
        let (top, within) = try scores.top(min(k, scores.size(1)))
        return (top, try places.gather(1, within))
    }

    private func block(_ number: Int, file: Int, _ range: Range<Int>) throws -> Block {
        if let found = held[number] { return found }
        let made = Block(
            keys: try part("keys", of: files[file].file, range),
            squares: try part("squares", of: files[file].file, range))
        if holds { held[number] = made }
        return made
    }

    /// Rows of a stored tensor.
    private func part(_ name: String, of file: SafetensorsFile, _ rows: Range<Int>) throws -> Tensor {
        guard let entry = file.tensors[name], let type = DType(entry.dtype) else {
            throw MethodFileError.damaged(file: name, reason: "'\(name)' is missing")
        }
        let size = entry.shape.dropFirst().reduce(1, *) * type.size
        return try file.withBytes(of: name) { bytes in
            let own = UnsafeRawBufferPointer(rebasing: bytes[rows.lowerBound * size..<rows.upperBound * size])
            return try Tensor(
                bytes: own, shape: [rows.count] + entry.shape.dropFirst(), dtype: type, on: device)
        }
    }
}
