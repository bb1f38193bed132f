import Foundation
import TheriacCorpora

/// One text to learn from.
struct TrainingText: Sendable {
    var text: String
    /// Soft target in 0...1 for each head; NaN when unknown.
    var targets: [Float]
    /// How much the text counts for each head.
    var weights: [Float]
    /// The source it comes from; each has an offset of its own, 0's is the model's.
    var group = 0
    /// What makes it toxic, in Unicode scalars; nil when unknown.
    var spans: [ToxicSpan]?
}

/// Learns the weights of a ``LinearDetector`` by minimising the binary cross-entropy of soft labels.
///
/// AdaGrad over single texts in a shuffled order that depends on the seed alone; the rate falls linearly to a
/// tenth.
/// Missing labels have no gradient. After half of the epochs the features that must share a slot of the table
/// compete: the one that moved scores most (weight × √texts) stays, the others leave, and training goes on
/// without
/// them, so that what is written is what was trained.
struct LinearDetectorTrainer {
    typealias Heads = SIMD8<Float>

    /// Weights before they are rounded to eight bits.
    struct Model {
        var features: [(slot: Int, fingerprint: UInt8, texts: Int)]
        var weights: [Heads]
        var offsets: [Heads]
    }

    private let settings: LinearTrainingSettings
    private let features: FeatureSettings
    private let reciprocals: [Float]
    private var targets: [Heads] = []
    private var importance: [Heads] = []
    private var texts = ExtractedTexts()
    private var model: Model
    private var squares: [Heads] = []
    private var offsetSquares: [Heads]
    private var groups: [Int] = []

    init(_ settings: LinearTrainingSettings, features: FeatureSettings, texts: [TrainingText]) {
        self.settings = settings
        self.features = features
        reciprocals = WindowPool.reciprocals(features).map { Float($0) }
        model = Model(features: [], weights: [], offsets: [])
        let sources = (texts.map(\.group).max() ?? 0) + 1
        model.offsets = [Heads](repeating: .zero, count: sources)
        offsetSquares = [Heads](repeating: Heads(repeating: 1e-6), count: sources)
        var counter = FeatureCounter(bits: features.hashBits)
        for (number, text) in texts.enumerated() {
            var raw = RawFeatures(features)
            text.text.withUTF8Bytes { WordScanner.scan($0, into: &raw) }
            for block in raw.finish() {
                for feature in block { counter.count(feature, text: UInt32(number)) }
            }
        }
        model.features = counter.number(minimum: settings.minimumTexts)
        model.weights = [Heads](repeating: .zero, count: model.features.count)
        squares = [Heads](repeating: Heads(repeating: 1e-6), count: model.features.count)
        for text in texts {
            self.texts.append(text.text, features) { counter.number(of: $0) }
            add(text)
            groups.append(text.group)
        }
    }

    private mutating func add(_ text: TrainingText) {
        var target = Heads.zero
        var weight = Heads.zero
        for head in 0..<FeatureTable.heads where !text.targets[head].isNaN {
            target[head] = text.targets[head]
            weight[head] = text.weights[head] * (1 + (settings.positiveWeight - 1) * text.targets[head])
        }
        targets.append(target)
        importance.append(weight)
    }

    /// Trains for all epochs.
    /// `afterEpoch`: gets the epoch (from 1), the mean training loss and the model; false stops
    ///   early.
    mutating func train(afterEpoch: (Int, Double, Model) throws -> Bool) rethrows -> Model {
        var random = SplitMix(seed: settings.seed)
        var order = Array(0..<texts.count)
        for epoch in 1...max(1, settings.epochs) {
            if epoch == settings.epochs / 2 + 1 { resolveSlots() }
            order.shuffle(using: &random)
            var loss = 0.0
            var weight = 0.0
            for (step, text) in order.enumerated() {
                let done = (Float(epoch - 1) + Float(step) / Float(order.count)) / Float(settings.epochs)
                let (textLoss, textWeight) = learn(text, rate: settings.learningRate * (1 - 0.9 * done))
                loss += textLoss
                weight += textWeight
            }
            guard try afterEpoch(epoch, loss / max(weight, 1e-9), model) else { break }
        }
        if settings.epochs < 2 { resolveSlots() }
        return model
    }

    /// One step on one text; returns its weighted loss and weight, summed over heads.
    private mutating func learn(_ text: Int, rate: Float) -> (Double, Double) {
        let blocks = texts.blocks(of: text)
        guard !blocks.isEmpty else { return (0, 0) }
        let sums = blocks.map { block in sum(texts.features(ofBlock: block)) }
        let windows = max(1, sums.count - 1)
        var logits: [Heads] = []
        var scales: [Float] = []
        for window in 0..<windows {
            let words = min(2 * features.blockWords, texts.words[text] - window * features.blockWords)
            scales.append(reciprocals[words])
            let sum = sums.count > 1 ? sums[window] + sums[window + 1] : sums[window]
            logits.append(model.offsets[groups[text]] + sum * scales[window])
        }
        let (pooled, shares) = Self.pool(logits, sharpness: Float(features.sharpness))
        let (error, loss, weight) = Self.errors(pooled, targets[text], importance[text])
        var gradients = [Heads](repeating: .zero, count: sums.count)
        for window in 0..<windows {
            let gradient = error * shares[window] * scales[window]
            gradients[window] += gradient
            if sums.count > 1 { gradients[window + 1] += gradient }
        }
        for (block, gradient) in zip(blocks, gradients) {
            update(texts.features(ofBlock: block), gradient, rate: rate)
        }
        offsetSquares[groups[text]] += error * error
        model.offsets[groups[text]] -= rate * error / offsetSquares[groups[text]].squareRoot()
        return (loss, weight)
    }

    private func sum(_ range: Range<Int>) -> Heads {
        var total = Heads.zero
        texts.features.withUnsafeBufferPointer { numbers in
            model.weights.withUnsafeBufferPointer { weights in
                for place in range { total += weights[Int(numbers[place])] }
            }
        }
        return total
    }

    private mutating func update(_ range: Range<Int>, _ gradient: Heads, rate: Float) {
        let l2 = settings.l2
        texts.features.withUnsafeBufferPointer { numbers in
            model.weights.withUnsafeMutableBufferPointer { weights in
                squares.withUnsafeMutableBufferPointer { squares in
                    for place in range {
                        let number = Int(numbers[place])
                        let slope = gradient + l2 * weights[number]
                        squares[number] += slope * slope
                        weights[number] -= rate * slope / squares[number].squareRoot()
                    }
                }
            }
        }
    }

    /// Log-mean-exp over windows and each window's share in it, lane by lane.
    private static func pool(_ logits: [Heads], sharpness: Float) -> (Heads, [Heads]) {
        guard logits.count > 1 else { return (logits[0], [Heads(repeating: 1)]) }
        var pooled = Heads.zero
        var shares = [Heads](repeating: .zero, count: logits.count)
        for head in 0..<FeatureTable.heads {
            let highest = logits.reduce(-Float.infinity) { max($0, $1[head]) }
            var total: Float = 0
            for window in logits.indices {
                shares[window][head] = exp(sharpness * (logits[window][head] - highest))
                total += shares[window][head]
            }
            for window in logits.indices { shares[window][head] /= total }
            pooled[head] = highest + log(total / Float(logits.count)) / sharpness
        }
        return (pooled, shares)
    }

    /// Slope of the loss by the logit, loss and weight.
    private static func errors(_ logits: Heads, _ targets: Heads, _ weights: Heads) -> (Heads, Double, Double)
    {
        var errors = Heads.zero
        var loss = 0.0
        for head in 0..<FeatureTable.heads where weights[head] > 0 {
            let logit = logits[head]
            errors[head] = weights[head] * (1 / (1 + exp(-logit)) - targets[head])
            let softplus = max(logit, 0) + log(1 + exp(-abs(logit)))
            loss += Double(weights[head] * (softplus - targets[head] * logit))
        }
        return (errors, loss, Double(weights.sum()))
    }

    /// Lets one feature stay in each slot.
    private mutating func resolveSlots() {
        var winners: [Int: (feature: Int, value: Float)] = [:]
        for (number, feature) in model.features.enumerated() {
            let value = (model.weights[number] * model.weights[number]).sum() * Float(feature.texts)
            if let best = winners[feature.slot], best.value >= value { continue }
            winners[feature.slot] = (number, value)
        }
        var keep = [UInt32?](repeating: nil, count: model.features.count)
        let stays = winners.values.map(\.feature).sorted()
        for (number, feature) in stays.enumerated() { keep[feature] = UInt32(number) }
        texts.renumber(keep)
        model.features = stays.map { model.features[$0] }
        model.weights = stays.map { model.weights[$0] }
        squares = stays.map { squares[$0] }
    }
}
