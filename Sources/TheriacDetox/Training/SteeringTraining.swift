internal import Foundation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of finding steering directions.
public struct SteeringTrainingSettings: Options, Equatable {
    /// Last tokens of a text whose activations are averaged.
    public var tokens = 8
    /// Texts of each class that are read, evenly spread.
    public var texts = 400
    /// Most tokens of a text.
    public var blockLength = 64

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("tokens", into: &tokens, in: 1...100_000)
        try fields.read("texts", into: &texts, in: 1...10_000_000)
        try fields.read("block-length", into: &blockLength, in: 2...1_000_000)
    }
}

/// Finds for every head and for the residual stream of every layer the direction from nontoxic to toxic text, and how well
/// a head tells them apart.
///
/// Source: Li et al., *DESTEIN*, 2024 (heads, mean over the last 8 tokens, head weights 1 + accuracy); Rimsky et al.,
/// *Steering Llama 2 via Contrastive Activation Addition*, ACL 2024 (residual stream, mean difference). Texts of the two
/// classes need not be pairs: the difference of the means is the mean of the differences.
public enum SteeringTraining: MethodTraining {
    public static let name = "steering"
    public static let summary = "Find the directions that lead from nontoxic to toxic text, for steering."
    public static let discussion = """
        The result holds a direction for every head and for every layer's residual stream, for --method steering --set
        steering.directions=DIR.
        """

    public static func make(_ job: MethodTrainingJob<SteeringTrainingSettings>) throws -> [String: Double] {
        let shape = job.loaded.model.shape
        var sums = [Activations](repeating: Activations(shape), count: 2)
        var seen: [[[Float]]] = [[], []]  // by class: each text's heads, all layers end to end
        let perClass = ToxicityClass.allCases.map { kind -> [[Int32]] in
            let all = job.texts[kind]
            let step = max(1, all.count / job.settings.texts)
            return stride(from: 0, to: all.count, by: step).prefix(job.settings.texts).compactMap {
                let tokens = job.loaded.tokenizer.encode(all[$0]).prefix(
                    min(job.settings.blockLength, shape.context))
                return tokens.isEmpty ? nil : Array(tokens)
            }
        }
        guard perClass.allSatisfy({ !$0.isEmpty }) else { throw MethodTrainingError.noTokens(.toxic) }
        let total = perClass.reduce(0) { $0 + $1.count }
        var done = 0
        for (place, texts) in perClass.enumerated() {
            for text in texts {
                let found = try activations(of: text, job.loaded, job.settings.tokens)
                sums[place].add(found)
                seen[place].append(found.heads)
                done += 1
                job.report("reading", done, total)
            }
        }
        let difference = sums[1].mean.minus(sums[0].mean)
        let weights = headWeights(seen, shape, direction: difference.heads)
        try job.write { folder in
            try SteeringDirections(
                heads: difference.heads, residual: difference.residual, weights: weights, shape: shape
            ).write(to: folder)
        }
        let accuracy = weights.map { Double($0) - 1 }
        return [
            "mean accuracy of a head": accuracy.reduce(0, +) / Double(accuracy.count),
            "accuracy of the best head": accuracy.max() ?? 0,
        ]
    }

    /// Means over the last tokens of a text.
    private static func activations(
        of tokens: [Int32], _ loaded: LoadedModel, _ last: Int
    ) throws -> Activations {
        let recorder = ActivationRecorder(last: last)
        try Torch.withoutGradients {
            let session = ModelSession(loaded, newTokens: 1, variants: [.init(steering: recorder)])
            try session.read(GenerationState(prompts: [tokens], group: 1))
        }
        var found = Activations(loaded.model.shape)
        found.heads = recorder.heads.flatMap { $0 }
        found.residual = recorder.residual.flatMap { $0 }
        found.count = 1
        return found
    }

    /// 1 + the accuracy with which a head's activation along its direction tells the classes apart, at the threshold
    /// half way between their means; one a layer and head.
    private static func headWeights(
        _ seen: [[[Float]]], _ shape: ModelShape, direction: [Float]
    ) -> [Float] {
        (0..<shape.layers * shape.heads).map { head in
            let range = head * shape.headWidth..<(head + 1) * shape.headWidth
            let projected = seen.map { texts in
                texts.map { text in zip(text[range], direction[range]).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
            }
            let means = projected.map { $0.reduce(0, +) / Float($0.count) }
            let middle = (means[0] + means[1]) / 2
            let right = projected[0].count { $0 < middle } + projected[1].count { $0 >= middle }
            return 1 + Float(right) / Float(projected[0].count + projected[1].count)
        }
    }
}

/// Heads' outputs `[layers, heads · width]` and residual streams `[layers, width]`, flat, summed over texts.
private struct Activations {
    var heads: [Float]
    var residual: [Float]
    var count: Float = 0

    init(_ shape: ModelShape) {
        heads = Array(repeating: 0, count: shape.layers * shape.heads * shape.headWidth)
        residual = Array(repeating: 0, count: shape.layers * shape.width)
    }

    mutating func add(_ other: Activations) {
        for index in heads.indices { heads[index] += other.heads[index] }
        for index in residual.indices { residual[index] += other.residual[index] }
        count += other.count
    }

    var mean: Activations {
        var result = self
        result.heads = heads.map { $0 / count }
        result.residual = residual.map { $0 / count }
        return result
    }

    func minus(_ other: Activations) -> Activations {
        var result = self
        result.heads = zip(heads, other.heads).map { $0 - $1 }
        result.residual = zip(residual, other.residual).map { $0 - $1 }
        return result
    }
}

/// Keeps the mean of the last tokens' activations, layer by layer.
private final class ActivationRecorder: ActivationSteering {
    private let last: Int
    private(set) var heads: [[Float]] = []
    private(set) var residual: [[Float]] = []

    init(last: Int) { self.last = last }

    func heads(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        heads.append(try mean(x))
        return x
    }

    func residual(_ x: Tensor, layer: Int, _ sequences: [SteeredSequence]) throws -> Tensor {
        residual.append(try mean(x))
        return x
    }

    private func mean(_ x: Tensor) throws -> [Float] {
        let length = x.size(1)
        let from = max(0, length - last)
        let sum = try x.slice(1, from..<length).to(.float32).sum(1).floats()
        return sum.map { $0 / Float(length - from) }
    }
}
