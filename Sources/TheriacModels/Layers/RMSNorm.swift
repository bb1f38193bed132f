import TheriacTensors

/// Normalisation by the root of the mean square over the last dimension, with a weight and no bias.
///
/// Source: Zhang and Sennrich, *Root Mean Square Layer Normalization*, NeurIPS 2019.
struct RMSNorm {
    private let weight: Tensor  // [width]
    private let epsilon: Double
    private let offset: Double

    /// - Parameter offset: what is added to the stored weight; 1 in Gemma, whose weights start at 0.
    init(_ store: ParameterStore, _ name: String, width: Int, epsilon: Double, offset: Double = 0) throws {
        weight = try store.parameter(name + ".weight", [width], initial: .constant(1 - offset))
        self.epsilon = epsilon
        self.offset = offset
    }

    func callAsFunction(_ x: Tensor) throws(TensorError) -> Tensor {
        try x.rmsNorm(weight, epsilon: epsilon, offset: offset)
    }
}
