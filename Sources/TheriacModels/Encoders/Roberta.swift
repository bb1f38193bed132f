// RoBERTa and the families with its shape: BERT without a pooler, positions counted after the padding's.
// Source: Liu et al., *RoBERTa: A Robustly Optimized BERT Pretraining Approach*, 2019; Conneau et al., *Unsupervised
// Cross-lingual Representation Learning at Scale*, ACL 2020; Martin et al., *CamemBERT*, ACL 2020.

public import TheriacOptions
internal import TheriacTensors

public class Roberta: Bert {
    public override class var modelType: String { "roberta" }
    public override class var className: String { "RobertaForSequenceClassification" }
    public override class var headPrefix: String { "roberta." }

    private static func padding(_ fields: inout OptionFields) throws -> Int {
        var padding: Int? = 1
        try fields.read("pad_token_id", into: &padding, in: 0...10_000_000)
        return padding ?? 1
    }

    override class func firstPosition(_ fields: inout OptionFields) throws -> Int { try padding(&fields) + 1 }

    /// Padding tokens, which only a text that spells them out can hold, stand on the padding's position and do not count.
    override func positions(_ batch: PackedBatch) throws -> Tensor {
        let padding = Int32(clamping: firstPosition - 1)
        guard batch.ids.contains(padding) else { return try batch.positions.shifted(by: firstPosition) }
        var places: [Int64] = []
        for row in 0..<batch.rows {
            var place = Int64(firstPosition)
            for id in batch.ids[batch.offsets[row]..<batch.offsets[row + 1]] {
                places.append(id == padding ? Int64(padding) : place)
                if id != padding { place += 1 }
            }
        }
        return try Tensor(places, shape: [places.count], on: batch.tokens.device)
    }

    public override func makeHead(
        labels: Int, _ fields: inout OptionFields, _ store: ParameterStore
    ) throws -> any ClassificationHead {
        try DenseHead(store, activation: .tanh, width: shape.width, labels: labels)
    }
}

extension Tensor {
    fileprivate func shifted(by count: Int) throws -> Tensor { try (self + Double(count)).to(.int64) }
}

public final class XLMRoberta: Roberta {
    public override class var modelType: String { "xlm-roberta" }
    public override class var className: String { "XLMRobertaForSequenceClassification" }
}

public final class Camembert: Roberta {
    public override class var modelType: String { "camembert" }
    public override class var className: String { "CamembertForSequenceClassification" }
}

/// Two products over the first token, both saved under `classifier`.
final class DenseHead: ClassificationHead {
    let parameters: [Parameter]
    let linears: [(path: String, layer: Linear)]
    let savedModules = ["classifier"]
    private let dense: Linear
    private let outProj: Linear
    private let activation: Activation

    init(_ store: ParameterStore, activation: Activation, width: Int, labels: Int) throws {
        let before = store.parameters.count
        dense = try Linear(store, "classifier.dense", inputs: width, outputs: width)
        outProj = try Linear(store, "classifier.out_proj", inputs: width, outputs: labels)
        parameters = Array(store.parameters[before...])
        linears = [("classifier.dense", dense), ("classifier.out_proj", outProj)]
        self.activation = activation
    }

    func logits(_ pooled: Tensor) throws -> Tensor { try outProj.rows(dense.rows(pooled, activation)) }
}
