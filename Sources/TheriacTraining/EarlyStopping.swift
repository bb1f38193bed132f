internal import TheriacTensors

/// The held-out losses of a run, and the weights that had the lowest.
struct EarlyStopping {
    /// In the order they were measured.
    private(set) var losses: [Double]
    /// Copies of the parameters at the lowest loss, on the CPU; empty before the first measurement.
    var best: [Tensor] = []

    init(losses: [Double] = []) { self.losses = losses }

    /// Takes in a measurement; of two equal losses the earlier one counts as the lowest.
    mutating func record(_ loss: Double, _ parameters: [Tensor]) throws {
        let isLowest = loss < losses.min() ?? .infinity
        losses.append(loss)
        if isLowest { best = try parameters.map { try $0.detached().to(on: .cpu).clone() } }
    }

    /// Whether the lowest loss is `patience` measurements old; never for 0.
    func isOver(patience: Int) -> Bool {
        guard patience > 0, let lowest = losses.min(), let place = losses.firstIndex(of: lowest) else {
            return false
        }
        return losses.count - 1 - place >= patience
    }

    /// In place: overwrites the parameters with those of the lowest loss, where one was measured.
    func putBest(into parameters: [Tensor]) throws {
        try Torch.withoutGradients {
            for (parameter, kept) in zip(parameters, best) { try parameter.assign(kept) }
        }
    }
}
