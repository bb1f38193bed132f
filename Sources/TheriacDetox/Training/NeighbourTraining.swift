internal import Foundation
internal import TheriacFiles
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of a store of neighbours.
public struct NeighbourTrainingSettings: Options, Equatable {
    /// Type of the stored hidden states; half the size of what they are computed in, and near enough to find neighbours.
    public enum Storage: String, OptionReadable, CaseIterable {
        case bf16, fp16, fp32

        var dtype: DType {
            switch self {
            case .bf16: .bfloat16
            case .fp16: .float16
            case .fp32: .float32
            }
        }
    }

    /// The most entries of each class; every search goes through all of them.
    public var entries = 200_000
    /// Tokens of a text that are read.
    public var maxTokens = 128
    public var store = Storage.bf16
    /// Entries a file has, about; a run that was killed goes on after the last whole file.
    public var fileEntries = 50_000

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("entries", into: &entries, in: 1...1_000_000_000)
        try fields.read("max-tokens", into: &maxTokens, in: 2...1_000_000)
        try fields.read("store", into: &store)
        try fields.read("file-entries", into: &fileEntries, in: 1...1_000_000_000)
    }
}

/// Keeps, for each token of toxic and of nontoxic texts, what the model's hidden state was before it.
///
/// Source: Pozzobon et al., *Goodtriever*, Findings of EMNLP 2023, after Khandelwal et al., *kNN-LM*, ICLR 2020. Their keys
/// are the last layer's feed-forward input; here it is the finished hidden state, which every model has. More texts are
/// added by making the store anew: nothing is trained.
public enum NeighbourTraining: MethodTraining {
    public static let name = "neighbours"
    public static let summary =
        "Make a store of hidden states and next tokens, for nearest-neighbour experts."
    public static let discussion = """
        Reads toxic and nontoxic texts once with the model and keeps the hidden state before each token: 2 · width bytes an
        entry. Killed and started again with the same command, it goes on after the last whole file.
        """

    public static func make(_ job: MethodTrainingJob<NeighbourTrainingSettings>) throws -> [String: Double] {
        var measures: [String: Double] = [:]
        var files: [URL] = []
        for kind in ToxicityClass.allCases {
            let (made, entries) = try makeStore(of: kind, job)
            files += made
            measures["\(kind.rawValue) entries"] = Double(entries)
        }
        try job.write { folder in
            for file in files {
                // A second name for the same file: were this run killed here, the work folder would still have it.
                try FileManager.default.linkItem(
                    at: file, to: folder.appendingPathComponent(file.lastPathComponent))
            }
        }
        return measures
    }

    private static func makeStore(
        of kind: ToxicityClass, _ job: MethodTrainingJob<NeighbourTrainingSettings>
    ) throws -> (files: [URL], entries: Int) {
        let settings = job.settings
        let texts = job.texts[kind]
        let limit = min(settings.maxTokens, job.loaded.model.shape.context)
        var files: [URL] = []
        var entries = 0
        var next = 0
        while entries < settings.entries, next < texts.count {
            let url = job.work.appendingPathComponent(NeighbourStore.fileName(kind, files.count))
            if let file = try? SafetensorsFile(contentsOf: url), file.metadata["identity"] == job.identity,
                let end = file.metadata["texts-read"].flatMap({ Int($0) }),
                let count = file.tensors["tokens"]?.shape.first
            {
                next = end
                entries += count
                files.append(url)
                continue
            }
            var sequences: [[Int32]] = []
            var room = min(settings.fileEntries, settings.entries - entries)
            while room > 0, next < texts.count {
                // The last token's state would be the key of a token that is not there.
                let tokens = job.loaded.tokenizer.encode(texts[next]).prefix(min(limit, room + 1))
                next += 1
                guard tokens.count > 1 else { continue }
                sequences.append(Array(tokens))
                room -= tokens.count - 1
            }
            guard !sequences.isEmpty else { continue }
            let block = try NeighbourBlock(sequences, job.loaded.model, settings.store.dtype)
            try block.write(
                to: url, metadata: ["identity": job.identity, "texts-read": "\(next)"])
            entries += block.tokens.count
            files.append(url)
            job.report("\(kind.rawValue) texts", next, texts.count, remark: "\(entries) entries")
        }
        guard entries > 0 else { throw MethodTrainingError.noTokens(kind) }
        job.report("\(kind.rawValue) texts", texts.count, texts.count, remark: "\(entries) entries")
        return (files, entries)
    }
}

/// Entries of one file: the hidden state after each token of some texts but their last, and the token that follows.
struct NeighbourBlock {
    /// `[entries, width]`, as stored.
    let keys: Tensor
    let tokens: [Int32]

    init(_ sequences: [[Int32]], _ model: any CausalLanguageModel, _ dtype: DType) throws {
        var parts = [Tensor?](repeating: nil, count: sequences.count)
        try WholeTexts.states(of: sequences, in: model) { place, states in
            parts[place] = try states.slice(0, 0..<sequences[place].count - 1).to(dtype, on: .cpu).clone()
        }
        keys = try .concatenate(parts.compactMap { $0 }, dimension: 0)
        tokens = sequences.flatMap { $0.dropFirst() }
    }

    func write(to url: URL, metadata: [String: String]) throws {
        let squares = try Torch.withoutGradients {
            let plain = try keys.to(.float32)
            return try (plain * plain).sum(1)
        }
        try MethodFile.write(
            [
                ("keys", keys), ("squares", squares),
                ("tokens", try Tensor(tokens, shape: [tokens.count])),
            ], metadata: metadata, to: url)
    }
}
