public import TheriacOptions
public import TheriacTensors

/// Sizes of an encoder.
public struct EncoderShape: Sendable, Equatable, Codable {
    public var vocabulary: Int
    /// Most tokens in one sequence, special ones included.
    public var context: Int
    public var layers: Int
    public var heads: Int
    public var headWidth: Int
    public var width: Int
}

/// An encoder, as classifiers and the trainer see it.
///
/// Hidden states, pooled vectors and logits are float32 whatever the compute type: only products are rounded. A head
/// is always float32, so that it can be trained over rounded weights.
public protocol TextEncoder: AdapterHost, SendableMetatype {
    /// `model_type` in `config.json`.
    static var modelType: String { get }
    /// The classifier's class in transformers, for `architectures` in `config.json`.
    static var className: String { get }
    /// What precedes the names of the encoder's weights in a classifier, such as `bert.`; base checkpoints lack it.
    static var headPrefix: String { get }
    /// Takes its weights, in a fixed order, from `store`.
    init(_ fields: inout OptionFields, _ store: ParameterStore) throws

    var shape: EncoderShape { get }
    /// The encoder's weights, without a head's.
    var parameters: [Parameter] { get }
    /// The type of the products: float32, or bfloat16 over weights of any type.
    var computeType: DType { get set }
    /// Hidden states of all tokens after the last norm, float32 `[total, width]`.
    func hidden(_ batch: PackedBatch) throws -> Tensor
    /// Those of each sequence's first token only, float32 `[rows, width]`; computes less.
    func firstHidden(_ batch: PackedBatch) throws -> Tensor
    /// The family's own head for `labels` labels, as its class in transformers has it.
    func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead
}

extension TextEncoder {
    public var storesLinearsTransposed: Bool { false }
    public var adapterTask: AdapterTask { .sequenceClassification }

    public func firstHidden(_ batch: PackedBatch) throws -> Tensor {
        try hidden(batch).select(0, batch.firstTokens)
    }
}

/// What makes logits of an encoder's hidden states. Its weights are float32, and so are its products.
public protocol ClassificationHead: AnyObject {
    var parameters: [Parameter] { get }
    /// With the paths of the classifier's class, such as `bert.pooler.dense`.
    var linears: [(path: String, layer: Linear)] { get }
    /// What an adapter saves whole, as PEFT's `modules_to_save` names it.
    var savedModules: [String] { get }
    /// Whether ``pool(_:_:)`` reads nothing but each sequence's first token.
    var readsFirstTokenOnly: Bool { get }
    /// One vector a sequence: float32 `[total, width]` → `[rows, width]`.
    func pool(_ hidden: Tensor, _ batch: PackedBatch) throws -> Tensor
    /// float32 `[rows, width]`, as pooled, → float32 `[rows, labels]`.
    func logits(_ pooled: Tensor) throws -> Tensor
}

extension ClassificationHead {
    public var readsFirstTokenOnly: Bool { true }

    public func pool(_ hidden: Tensor, _ batch: PackedBatch) throws -> Tensor {
        try hidden.select(0, batch.firstTokens)
    }

    /// float32 `[total, width]` → float32 `[rows, labels]`.
    public func logits(_ hidden: Tensor, _ batch: PackedBatch) throws -> Tensor {
        try logits(pool(hidden, batch))
    }
}

/// Every encoder in the package. One line each.
public enum Encoders {
    public static let all: [any TextEncoder.Type] = [
        Bert.self,
        Roberta.self,
        XLMRoberta.self,
        Camembert.self,
        Electra.self,
        DistilBert.self,
        Albert.self,
        DebertaV2.self,
        ModernBert.self,
    ]

    /// The encoder of a `config.json`.
    static func named(_ modelType: String) throws -> any TextEncoder.Type {
        guard let found = all.first(where: { $0.modelType == modelType }) else {
            throw ModelError.unknownArchitecture(modelType, known: all.map { $0.modelType })
        }
        return found
    }
}
