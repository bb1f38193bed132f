internal import Foundation
internal import TheriacFiles
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Settings of training PPLM's discriminator. Batch, passes and length are the authors'; their rate of 1e-4 is for sets of
/// 100,000 texts and more, and too slow for smaller ones.
public struct DiscriminatorTrainingSettings: Options, Equatable {
    /// Tokens of a text that are read.
    public var maxTokens = 100
    /// Share of the texts that is held out to measure.
    public var heldOut = 0.1
    public var training = TrainingSettings()

    public init() {
        training.learningRate = 1e-3
        training.epochs = 10
        training.batch = 64
        training.microBatch = 64
        training.decay = 0
        training.schedule = .constant
        training.warmUp = 0
        training.clip = 0
        training.precision = .fp32
    }

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("max-tokens", into: &maxTokens, in: 1...1_000_000)
        try fields.read("held-out", into: &heldOut, in: 0...0.9)
        try fields.read("training", into: &training)
    }
}

/// Trains one linear layer to tell the classes apart by the mean of the frozen model's finished hidden states.
///
/// Source: Dathathri et al., *Plug and Play Language Models*, ICLR 2020. The means are computed once and kept. Unlike
/// theirs, texts do not begin with the end-of-text token, since prompts do not either, and every real token counts (their
/// mask takes token 0 for padding).
public enum DiscriminatorTraining: MethodTraining {
    public static let name = "pplm-discriminator"
    public static let summary =
        "Train PPLM's discriminator: one linear layer on a model's mean hidden states."
    public static let discussion = """
        Reads the texts once with the model, keeps a mean vector of each, and trains on those. A share is held out, and the
        accuracy on it is printed beside that of always saying the commoner class.
        """

    public static func make(_ job: MethodTrainingJob<DiscriminatorTrainingSettings>) throws -> [String:
        Double]
    {
        let (means, labels) = try means(job)
        let settings = job.settings
        let device = means.device
        let task = HeadTraining(
            means, labels, heldOut: settings.heldOut, seed: settings.training.seed, on: device)
        let head = DiscriminatorHead(
            weight: try .zeros([2, means.size(1)], on: device), bias: try .zeros([2], on: device))
        let trainer = try Trainer(
            [("weight", head.weight), ("bias", head.bias)], task: task.attached(head),
            settings: settings.training, identity: job.identity, folder: job.work)
        try trainer.run {
            job.report("training", $0.step, $0.total, remark: String(format: "loss %.3f", $0.loss))
        }
        let measures = try Torch.withoutGradients { try task.measures(head) }
        try job.write { folder in
            try head.write(to: folder)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write(
                encoder.encode(measures), to: folder.appendingPathComponent("measures.json"))
        }
        return measures
    }

    private static let meansFile = "means.safetensors"

    /// The mean hidden state of each text, float32 `[texts, width]`, and its class: from the work folder, where an earlier
    /// run left them.
    private static func means(
        _ job: MethodTrainingJob<DiscriminatorTrainingSettings>
    ) throws -> (means: Tensor, labels: [Int64]) {
        let model = job.loaded.model
        let width = model.shape.width
        var sequences: [[Int32]] = []
        var labels: [Int64] = []
        for kind in ToxicityClass.allCases {
            for text in job.texts[kind] {
                let tokens = job.loaded.tokenizer.encode(text).prefix(
                    min(job.settings.maxTokens, model.shape.context))
                guard !tokens.isEmpty else { continue }
                sequences.append(Array(tokens))
                labels.append(Int64(kind.index))
            }
        }
        guard Set(labels).count == 2 else { throw MethodTrainingError.oneClassOnly }
        let url = job.work.appendingPathComponent(meansFile)
        if let file = try? SafetensorsFile(contentsOf: url), file.metadata["identity"] == job.identity {
            return (
                try MethodFile.tensor("means", [labels.count, width], in: file, url).to(on: model.device),
                labels
            )
        }
        var values = [Float](repeating: 0, count: labels.count * width)
        var done = 0
        try WholeTexts.states(of: sequences, in: model) { place, states in
            let sum = try states.to(.float32).sum(0).floats()
            let count = Float(sequences[place].count)
            for column in 0..<width { values[place * width + column] = sum[column] / count }
            done += 1
            if done % 64 == 0 || done == labels.count { job.report("reading", done, labels.count) }
        }
        let means = try Tensor(values, shape: [labels.count, width])
        try MethodFile.write([("means", means)], metadata: ["identity": job.identity], to: url)
        return (try means.to(on: model.device), labels)
    }
}

/// The classes of mean hidden states, some of which are held out.
struct HeadTraining {
    private let means: Tensor
    private let labels: [Int64]
    private let trained: [Int]
    private let heldOut: [Int]
    private let device: Device

    init(_ means: Tensor, _ labels: [Int64], heldOut share: Double, seed: UInt64, on device: Device) {
        self.means = means
        self.labels = labels
        self.device = device
        var order = Array(labels.indices)
        var stream = RandomStream(seed: seed, prompt: "held out", continuation: 0)
        order.shuffle(using: &stream)
        let count = Int((share * Double(order.count)).rounded())
        heldOut = order.prefix(count).sorted()
        trained = order.dropFirst(count).sorted()
    }

    /// Accuracy on what is held out, and that of always saying the class that is commoner there.
    func measures(_ head: DiscriminatorHead) throws -> [String: Double] {
        guard !heldOut.isEmpty else { return ["trained": Double(trained.count)] }
        let said = try head.logits(batch(heldOut).means).argmax(1).integers()
        let correct = zip(said, heldOut).count { $0 == labels[$1] }
        let toxic = heldOut.count { labels[$0] == 1 }
        let total = Double(heldOut.count)
        return [
            "trained": Double(trained.count), "held out": total, "accuracy": Double(correct) / total,
            "commoner class": Double(max(toxic, heldOut.count - toxic)) / total,
        ]
    }

    private func batch(_ places: [Int]) throws -> (means: Tensor, targets: Tensor) {
        let index = try Tensor(places.map(Int64.init), shape: [places.count], on: device)
        let targets = try Tensor(places.map { labels[$0] }, shape: [places.count], on: device)
        return (try means.select(0, index), targets)
    }

    func attached(_ head: DiscriminatorHead) -> some TrainingTask { Task(data: self, head: head) }

    private struct Task: TrainingTask {
        let data: HeadTraining
        let head: DiscriminatorHead
        var examples: Int { data.trained.count }
        let tokensPerExample = 1

        func accumulate(_ examples: [Int], scale: Double) throws -> Double {
            let (means, targets) = try data.batch(examples.map { data.trained[$0] })
            let loss = try head.logits(means).crossEntropy(targets)
            try (loss * scale).backward()
            return try loss.item()
        }

        func validationLoss() throws -> Double? {
            guard !data.heldOut.isEmpty else { return nil }
            let (means, targets) = try data.batch(data.heldOut)
            return try head.logits(means).crossEntropy(targets).item()
        }
    }
}
