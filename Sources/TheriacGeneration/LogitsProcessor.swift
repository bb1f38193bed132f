public import TheriacTensors

/// Changes next-token logits before a token is drawn. It may own models and caches of its own.
///
/// The contract: shape and dtype stay, `-inf` stays `-inf`, strength zero changes nothing, and what happens to one row
/// does not depend on the others. Rows come and go between calls: what is kept for a row is kept under its id.
public protocol LogitsProcessor {
    /// Called once, before anything is read. Here a processor asks the model for further readings in its own batch
    /// (``ModelSession/add(_:)``), or steers its activations.
    mutating func attach(to session: ModelSession) throws
    /// Called each step before the model itself reads; models of its own read along here (``ModelSession/read(_:)``).
    mutating func read(_ state: GenerationState) throws
    /// - Parameter logits: float32 `[rows, vocabulary]`, to be left as they are.
    /// - Returns: float32 of the same shape.
    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor
    /// Bytes its own caches take for each token of a row.
    var bytesPerToken: Int { get }
}

extension LogitsProcessor {
    public mutating func attach(to session: ModelSession) throws {}
    public mutating func read(_ state: GenerationState) throws {}
    public var bytesPerToken: Int { 0 }
}
