import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

@Suite struct SequenceClassifierTests {
    typealias Config = [String: OptionValue]

    // MARK: The batch

    @Test(arguments: [DType.float32, .bfloat16])
    func aTextsLogitsDoNotDependOnTheOthers(precision: DType) throws {
        let deberta: Config = [
            "model_type": .string("deberta-v2"), "relative_attention": .bool(true),
            "position_buckets": .integer(8),
            "pos_att_type": .string("p2c|c2p"), "share_att_key": .bool(true),
            "norm_rel_ebd": .string("layer_norm"),
        ]
        let modern: Config = ["model_type": .string("modernbert"), "local_attention": .integer(8)]
        for settings in [[:], modern, deberta] {
            let model = try TinyClassifier(settings).model(precision: precision)
            let together = try model.plainLogits(TinyClassifier.sequences)
            let many = try model.plainLogits((0..<9).flatMap { _ in TinyClassifier.sequences })
            for (row, sequence) in TinyClassifier.sequences.enumerated() {
                let alone = try model.plainLogits([sequence])
                #expect(alone == Array(together[row * 2..<row * 2 + 2]))
                #expect(alone == Array(many[(35 + row) * 2..<(35 + row) * 2 + 2]))
            }
        }
    }

    @Test func theFirstTokensHiddenStateIsThatOfAll() throws {
        let model = try TinyClassifier().model()
        let batch = try PackedBatch(TinyClassifier.sequences, for: model.shape)
        try Torch.withoutGradients {
            let all = try model.hidden(batch)
            #expect(all.shape == [batch.total, 32])
            try #expect(model.pooled(batch).floats() == all.select(0, batch.firstTokens).floats())
            try #expect(model.head.logits(all, batch).floats() == model.logits(batch).floats())
        }
    }

    @Test func refusesBatchesThatDoNotFit() throws {
        let shape = try TinyClassifier().model().shape
        #expect(throws: ModelError.tooLong(tokens: 49, limit: 48)) {
            try PackedBatch([[1], [Int32](repeating: 1, count: 49)], for: shape)
        }
        #expect(throws: ModelError.tokenOutOfRange(300, vocabulary: 300)) {
            try PackedBatch([[1, 300]], for: shape)
        }
        #expect(throws: ModelError.emptySequence(row: 1)) { try PackedBatch([[1], []], for: shape) }
        #expect(throws: ModelError.emptySequence(row: 0)) { try PackedBatch([], for: shape) }
    }

    // MARK: Labels and output

    static let outputs: [(config: Config, labels: [String], named: Bool, output: ClassifierOutput)] = [
        ([:], ["LABEL_0", "LABEL_1"], false, .softmax),
        (["num_labels": .integer(1)], ["LABEL_0"], false, .sigmoid),
        (
            ["num_labels": .integer(3), "problem_type": .null], ["LABEL_0", "LABEL_1", "LABEL_2"], false,
            .softmax
        ),
        (
            ["id2label": .object(["0": .string("mild"), "1": .string("harsh")])], ["mild", "harsh"], true,
            .softmax
        ),
        (
            [
                "id2label": .object(["0": .string("a"), "1": .string("b")]),
                "problem_type": .string("multi_label_classification"),
            ], ["a", "b"], true, .sigmoid
        ),
        (["num_labels": .integer(1), "problem_type": .string("regression")], ["LABEL_0"], false, .none),
        (["problem_type": .string("single_label_classification")], ["LABEL_0", "LABEL_1"], false, .softmax),
    ]

    @Test(arguments: outputs)
    func followsTheRuleOfOutputs(config: Config, labels: [String], named: Bool, output: ClassifierOutput)
        throws
    {
        let tiny = try TinyClassifier(config)
        let loaded = try LoadedClassifier(folder: tiny.folder)
        #expect(loaded.classifier.labels == labels)
        #expect(loaded.classifier.output == output)
        #expect(loaded.hasNamedLabels == named)
    }

    @Test func scoresByItsOutput() throws {
        let logits = try Tensor([Float(0), 2, -1, 1], shape: [2, 2])
        let model = try TinyClassifier().model()
        func scores(_ output: ClassifierOutput) throws -> [Float] {
            try SequenceClassifier(
                encoder: model.encoder, head: model.head, labels: ["a", "b"], output: output
            ).scores(logits).floats()
        }
        try expectClose(scores(.sigmoid), [0.5, 0.880797, 0.268941, 0.731059], absolute: 1e-6)
        try expectClose(scores(.softmax), [0.119203, 0.880797, 0.119203, 0.880797], absolute: 1e-6)
        #expect(try scores(.none) == [0, 2, -1, 1])
        // A score is the same wherever its text stands in the batch.
        let many = try Tensor.random([37, 7], seed: 1) * 4
        let sigmoid = SequenceClassifier(
            encoder: model.encoder, head: model.head, labels: [], output: .sigmoid)
        let together = try sigmoid.scores(many).floats()
        for row in 0..<37 {
            let alone = try sigmoid.scores(many.slice(0, row..<row + 1)).floats()
            #expect(alone == Array(together[row * 7..<row * 7 + 7]))
        }
    }

    // MARK: Files

    @Test func readsOldNamesOfNorms() throws {
        let new = try TinyClassifier().model()
        let old = try TinyClassifier { name in
            name.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
                .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
        }.model()
        let ids = TinyClassifier.sequences
        #expect(try old.plainLogits(ids) == new.plainLogits(ids))
    }

    /// A base checkpoint, with or without the prefix, with or without a pooler.
    @Test func givesABaseAFreshHead() throws {
        let ids = TinyClassifier.sequences
        let whole = try TinyClassifier()
        func base(_ rename: @escaping (String) -> String?) throws -> SequenceClassifier {
            let tiny = try TinyClassifier(rename: rename)
            return try classifierAlone(base: tiny.folder, labels: ["a", "b", "c"], seed: 7)
        }
        let isHead = { (name: String) in name.hasPrefix("classifier") }
        let prefixed = try base { isHead($0) ? nil : $0 }
        let bare = try base { isHead($0) ? nil : String($0.dropFirst(5)) }
        let withoutPooler = try base { isHead($0) || $0.contains("pooler") ? nil : $0 }
        #expect(prefixed.labels == ["a", "b", "c"])
        #expect(prefixed.output == .sigmoid)
        #expect(try bare.plainLogits(ids) == prefixed.plainLogits(ids))
        #expect(try withoutPooler.plainLogits(ids) != prefixed.plainLogits(ids))
        try #expect(withoutPooler.plainHidden(ids) == whole.model().plainHidden(ids))
        // A classifier's own last layer never serves new labels, and the seed alone decides.
        let again = try classifierAlone(base: whole.folder, labels: ["a", "b", "c"], seed: 7)
        #expect(try again.plainLogits(ids) == prefixed.plainLogits(ids))
        let other = try classifierAlone(base: whole.folder, labels: ["a", "b", "c"], seed: 8)
        #expect(try other.plainLogits(ids) != prefixed.plainLogits(ids))
    }

    @Test func savesWhatItLoads() throws {
        let tiny = try TinyClassifier()
        let loaded = try LoadedClassifier(base: tiny.folder, labels: ["mild", "harsh", "x"], seed: 3)
        let folder = try TemporaryFolder()
        try CheckpointWriter.write(
            loaded.classifier, configuration: loaded.configuration,
            tokenizerFiles: CheckpointWriter.tokenizerFiles(in: tiny.folder), dtype: .float32,
            to: folder.file("saved"))
        let again = try LoadedClassifier(folder: folder.file("saved"))
        #expect(again.classifier.labels == ["mild", "harsh", "x"])
        #expect(again.classifier.output == .sigmoid)
        let ids = TinyClassifier.sequences
        #expect(try again.classifier.plainLogits(ids) == loaded.classifier.plainLogits(ids))
    }

    static let refusals: [(Config, String)] = [
        (
            ["position_embedding_type": .string("relative_key")],
            "position_embedding_type relative_key is not supported: only absolute positions are."
        ),
        (["is_decoder": .bool(true)], "is_decoder is not supported: encoders look both ways."),
        (
            ["architectures": .list([.string("BertModel")])],
            "architectures BertModel is not supported: a classifier needs a head (BertForSequenceClassification); train one "
                + "over this checkpoint first."
        ),
        (
            ["model_type": .string("deberta-v2"), "conv_kernel_size": .integer(3)],
            "conv_kernel_size 3 is not supported: models without a convolution are, such as DeBERTa v3."
        ),
        (
            [
                "model_type": .string("modernbert"),
                "rope_parameters": .object(["full_attention": .object(["rope_type": .string("yarn")])]),
            ], "rope_type yarn is not supported: default is, for ModernBERT."
        ),
        (
            ["quantization_config": .object(["bits": .integer(4)])],
            "quantization_config is not supported: use the checkpoint in bf16 or fp32."
        ),
        (
            ["id2label": .object(["0": .string("a"), "2": .string("b")])],
            "id2label is not supported: it has 2 entries and none for label 1."
        ),
        (
            ["model_type": .string("gpt2")],
            "Architecture 'gpt2' is not supported. Known: bert, roberta, xlm-roberta, camembert, electra, distilbert, albert, "
                + "deberta-v2, modernbert."
        ),
    ]

    @Test(arguments: refusals)
    func refusesWhatItCannotDo(changes: Config, message: String) throws {
        let tiny = try TinyClassifier()
        let config = tiny.folder.appendingPathComponent("config.json")
        try OptionValue.object(TinyClassifier.plain.merging(changes) { $1 }).jsonData.write(to: config)
        let error = #expect(throws: ModelError.self) { try LoadedClassifier(folder: tiny.folder) }
        #expect(error?.description == message)
    }

    /// Both generations of ModernBERT's field names give the same model.
    @Test func readsBothGenerationsOfFieldNames() throws {
        let common: Config = [
            "model_type": .string("modernbert"), "num_hidden_layers": .integer(4),
            "architectures": .list([.string("ModernBertForSequenceClassification")]),
            "local_attention": .integer(8),
        ]
        let old: Config = [
            "global_rope_theta": .number(8000), "local_rope_theta": .number(500),
            "global_attn_every_n_layers": .integer(2),
        ]
        func theta(_ value: Double) -> OptionValue {
            .object(["rope_type": .string("default"), "rope_theta": .number(value)])
        }
        let kinds = ["full_attention", "sliding_attention", "full_attention", "sliding_attention"]
        let new: Config = [
            "rope_parameters": .object(["full_attention": theta(8000), "sliding_attention": theta(500)]),
            "layer_types": .list(kinds.map { .string($0) }),
        ]
        let ids = TinyClassifier.sequences
        let logits = try [old, new, [:]].map {
            try TinyClassifier(common.merging($0) { $1 }).model().plainLogits(ids)
        }
        #expect(logits[0] == logits[1])
        #expect(logits[0] != logits[2])
    }

    // MARK: Training

    /// A few steps on two texts bring the loss down, with an adapter over rounded weights and with all weights.
    @Test(arguments: [true, false])
    func learns(withAdapter: Bool) throws {
        let tiny = try TinyClassifier()
        let model = try classifierAlone(
            base: tiny.folder, labels: ["a", "b"], precision: withAdapter ? .bfloat16 : .float32)
        var settings = LoRASettings()
        settings.targets = ["all-linear"]
        let adapter = withAdapter ? try LoRAAdapter(on: model, settings: settings, seed: 1) : nil
        let parameters = adapter?.parameters ?? model.parameters.map(\.tensor)
        #expect(parameters.allSatisfy { $0.dtype == .float32 })
        for parameter in parameters { try parameter.setRequiresGradient() }
        let optimiser = try AdamW(parameters, settings: .init())
        let ids = Array(TinyClassifier.sequences.prefix(2))
        let targets = try Tensor([Int64(0), 1], shape: [2])
        let before = try model.plainLogits(ids)
        var losses: [Double] = []
        for _ in 0..<12 {
            let loss = try model.logits(PackedBatch(ids, for: model.shape)).crossEntropy(targets)
            losses.append(try loss.item())
            try loss.backward()
            for parameter in parameters where withAdapter {
                #expect(try parameter.gradient() != nil)
            }
            try optimiser.update(rate: 5e-3)
        }
        #expect((losses.last ?? 1) < losses[0] * 0.5, "\(losses)")
        // Plain passes see the new weights.
        let after = try model.plainLogits(ids)
        #expect(after != before)
        #expect(after[0] > after[1] && after[3] > after[2])
        let recorded = try model.logits(PackedBatch(ids, for: model.shape)).floats()
        expectClose(after, recorded, absolute: withAdapter ? 0.1 : 1e-4, relative: 0)
    }

    @Test func anAdapterKeepsItsHead() throws {
        let tiny = try TinyClassifier()
        let ids = TinyClassifier.sequences
        let model = try classifierAlone(base: tiny.folder, labels: ["a", "b", "c"], seed: 1)
        let adapter = try LoRAAdapter(on: model, settings: LoRASettings(), seed: 2)
        #expect(adapter.task == .sequenceClassification)
        #expect(
            adapter.saved.map(\.name) == [
                "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias",
            ])
        #expect(adapter.layers.map(\.path).first == "bert.encoder.layer.0.attention.self.query")
        for (index, parameter) in adapter.parameters.enumerated() {
            try parameter.assign(Tensor.random(parameter.shape, seed: UInt64(index)) * 0.2)
        }
        let folder = try TemporaryFolder()
        try adapter.write(base: "tiny", transposedLinears: false, to: folder.file("adapter"))
        let expected = try model.plainLogits(ids)
        let other = try classifierAlone(base: tiny.folder, labels: ["a", "b", "c"], seed: 9)
        _ = try LoRAAdapter(on: other, folder: folder.file("adapter"))
        #expect(try other.plainLogits(ids) == expected)
        let two = try classifierAlone(base: tiny.folder, labels: ["a", "b"], seed: 9)
        let error = #expect(throws: ModelError.self) {
            _ = try LoRAAdapter(on: two, folder: folder.file("adapter"))
        }
        #expect(error?.description.contains("classifier.weight") == true)
    }
}
