import TheriacTensors

extension Tensor {
    /// Euclidean norms over the last dimension, which is kept with size 1.
    func norms() throws(TensorError) -> Tensor { try (self * self).sum(rank - 1, keeping: true).squareRoot() }

    /// Scalar products over the last dimension, which is kept with size 1.
    func dot(_ other: Tensor) throws(TensorError) -> Tensor {
        try (self * other).sum(rank - 1, keeping: true)
    }

    /// Each element to the power of `exponent`; elements must be above 0.
    func raised(to exponent: Double) throws(TensorError) -> Tensor { try (log() * exponent).exp() }
}
