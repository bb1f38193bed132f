internal import TheriacOptions
public import TheriacTensors

/// How logits become scores: the rule of transformers' pipeline.
public enum ClassifierOutput: String, Sendable, Equatable, CaseIterable {
    /// Every label for itself: `multi_label_classification`, or one label.
    case sigmoid
    /// One of the labels.
    case softmax
    /// `regression`: the logits are the scores.
    case none
}

/// An encoder with a head.
public final class SequenceClassifier: AdapterHost {
    public typealias Output = ClassifierOutput

    public let encoder: any TextEncoder
    public let head: any ClassificationHead
    /// Names of the logits, in order.
    public let labels: [String]
    public let output: Output

    public init(
        encoder: any TextEncoder, head: any ClassificationHead, labels: [String], output: Output
    ) {
        self.encoder = encoder
        self.head = head
        self.labels = labels
        self.output = output
    }

    init(
        _ family: any TextEncoder.Type, labels: [String], output: Output, _ fields: inout OptionFields,
        _ store: ParameterStore
    ) throws {
        let encoder = try family.init(&fields, store)
        self.encoder = encoder
        head = try store.head { try encoder.makeHead(labels: labels.count, &fields, store) }
        self.labels = labels
        self.output = output
    }

    public var shape: EncoderShape { encoder.shape }
    /// The encoder's and then the head's.
    public var parameters: [Parameter] { encoder.parameters + head.parameters }
    public var computeType: DType {
        get { encoder.computeType }
        set { encoder.computeType = newValue }
    }

    /// Hidden states of all tokens, float32 `[total, width]`.
    public func hidden(_ batch: PackedBatch) throws -> Tensor { try encoder.hidden(batch) }

    /// What heads read of each sequence, float32 `[rows, width]`: computed once, it serves several heads.
    public func pooled(_ batch: PackedBatch) throws -> Tensor {
        head.readsFirstTokenOnly
            ? try encoder.firstHidden(batch) : try head.pool(encoder.hidden(batch), batch)
    }

    /// float32 `[rows, labels]`.
    public func logits(_ batch: PackedBatch) throws -> Tensor { try head.logits(pooled(batch)) }

    /// Scores of logits by the ``output`` rule, float32 `[rows, labels]`.
    public func scores(_ logits: Tensor) throws -> Tensor {
        switch output {
        // As a gate over ones: libtorch's own differs in the last bit by the element's place among all.
        case .sigmoid:
            try Tensor.concatenate([logits, .full(logits.shape, 1, on: logits.device)], dimension: 1)
                .gated(.sigmoid)
        case .softmax: try logits.softmax()
        case .none: logits
        }
    }

    public var linears: [(path: String, layer: Linear)] { encoder.linears + head.linears }
    public var adapterTargets: [String] { encoder.adapterTargets }
    public var storesLinearsTransposed: Bool { encoder.storesLinearsTransposed }
    public var adapterTask: AdapterTask { .sequenceClassification }
    public var savedModules: [String] { head.savedModules }
    public var savableParameters: [Parameter] { head.parameters }
}
