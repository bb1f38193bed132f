import Foundation
import TheriacFiles
import TheriacModels
import TheriacTensors
import TheriacTraining

/// The model being trained: what is changed, and how it is written.
struct TransformerStudent {
    let model: TransformerModel
    let cutter: WindowCutter
    /// Of the base checkpoint.
    let hash: String
    private let loaded: LoadedClassifier
    private let adapter: LoRAAdapter?
    private let learner: TransformerLearner

    /// Opens the base with fresh heads. A frozen base is held in the type that training computes in; what is trained is
    /// float32.
    init(_ learner: TransformerLearner) throws {
        self.learner = learner
        let folder = try Self.base(learner)
        let dtype = learner.training.precision.dtype
        loaded = try LoadedClassifier(
            base: folder, labels: learner.heads.map(\.label), seed: learner.seed,
            precision: learner.isFull ? .float32 : dtype)
        hash = loaded.hash
        let classifier = loaded.classifier
        adapter =
            learner.isFull
            ? nil : try LoRAAdapter(on: classifier, settings: learner.adapter, seed: learner.seed)
        classifier.computeType = dtype
        let shape = classifier.encoder.shape
        model = TransformerModel(
            classifier, spanHead: learner.hasSpanHead ? try SpanHead(width: shape.width) : nil)
        cutter = try WindowCutter(
            loaded.tokenizer, window: learner.reading.window(context: shape.context),
            overlap: learner.reading.overlap, namesEmoji: learner.reading.namesEmoji)
    }

    private static func base(_ learner: TransformerLearner) throws -> URL {
        let path = URL(fileURLWithPath: learner.base, relativeTo: learner.folder).standardizedFileURL
        if FileManager.default.fileExists(atPath: path.appending(path: "config.json").path) { return path }
        return try BaseCheckpoint.folder(learner.base, near: learner.folder)
    }

    /// What the optimiser changes, float32.
    var parameters: [(name: String, tensor: Tensor)] {
        let heads = model.spanHead?.parameters ?? []
        guard let adapter else { return model.classifier.parameters.map { ($0.name, $0.tensor) } + heads }
        return zip(adapter.parameterNames, adapter.parameters).map { (name: $0, tensor: $1) } + heads
    }

    /// Writes `adapter/` or `model/` into a detector's folder.
    func write(to folder: URL) throws {
        let place: URL
        if let adapter {
            place = folder.appending(path: TransformerDetectorFolder.adapterFolder)
            try adapter.write(
                base: URL(fileURLWithPath: learner.base).lastPathComponent,
                transposedLinears: model.classifier.storesLinearsTransposed, dtype: .bfloat16, to: place)
        } else {
            place = folder.appending(path: TransformerDetectorFolder.modelFolder)
            try CheckpointWriter.write(
                loaded.classifier, configuration: loaded.configuration,
                tokenizerFiles: CheckpointWriter.tokenizerFiles(in: loaded.folder), dtype: .float32, to: place
            )
        }
        try model.spanHead?.write(to: place)
    }
}
