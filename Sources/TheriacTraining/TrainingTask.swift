internal import TheriacTensors

/// What is learnt: examples, and the loss on them. A training method is one of these; the loop is always the same.
public protocol TrainingTask {
    /// Number of examples in a pass.
    var examples: Int { get }
    /// Tokens (or texts) one example counts for, in speeds.
    var tokensPerExample: Int { get }
    /// Adds the gradients of `scale` times the mean loss over `examples`, and returns that mean loss.
    func accumulate(_ examples: [Int], scale: Double) throws -> Double
    /// The mean loss over held-out examples, without gradients; nil when there are none.
    func validationLoss() throws -> Double?
}

extension TrainingTask {
    public func validationLoss() throws -> Double? { nil }
}

/// The order in which examples are seen: a new shuffle every pass, the same for the same seed.
struct ExampleOrder {
    let count: Int
    let seed: UInt64
    private var pass = -1
    private var order: [Int] = []

    init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    /// The example at place `position` of the endless sequence of passes.
    mutating func example(at position: Int) -> Int {
        if position / count != pass {
            pass = position / count
            var stream = RandomStream(seed: seed, prompt: "order", continuation: pass)
            order = Array(0..<count)
            order.shuffle(using: &stream)
        }
        return order[position % count]
    }
}
