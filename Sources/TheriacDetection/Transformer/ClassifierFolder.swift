import Foundation
import TheriacCorpora
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors

/// A sequence classifier in Hugging Face's layout as a detector: `config.json` with labels that mean something, weights,
/// tokenizer, and perhaps a mapping of the labels (``LabelMapping/file``).
enum ClassifierFolder {
    static func read(
        _ folder: URL, precision: TransformerSettings.Precision?
    ) throws -> sending TransformerContent {
        var settings = TransformerSettings()
        settings.precision = precision ?? .fp32
        let loaded = try LoadedClassifier(folder: folder, precision: .float32)
        let classifier = loaded.classifier
        classifier.computeType = settings.precision.dtype
        let output: LabelMapping.Output =
            switch classifier.output {
            case .sigmoid: .sigmoid
            case .softmax: .softmax
            case .none: .none
            }
        let mapping = try LabelMapping(labels: classifier.labels, output: output, folder: folder)
        let outputs = TransformerOutputs(
            labels: classifier.labels, mapping: mapping,
            calibration: classifier.labels.map { _ in .identity })
        settings.window = settings.window(context: classifier.shape.context)
        settings.overlap = min(settings.overlap, settings.window / 4)
        let identity = DetectorIdentity(
            name: name(folder), version: "1",
            hash: try hash(checkpoint: loaded.hash, settings: settings, outputs: outputs))
        return TransformerContent(
            identity: identity, settings: settings, outputs: outputs,
            cutter: try WindowCutter(loaded.tokenizer, window: settings.window, overlap: settings.overlap),
            model: TransformerModel(classifier))
    }

    /// The folder's name in kebab-case.
    private static func name(_ folder: URL) -> String {
        folder.standardizedFileURL.lastPathComponent.lowercased().split { !$0.isLetter && !$0.isNumber }
            .joined(separator: "-")
    }

    private static func hash(
        checkpoint: String, settings: TransformerSettings, outputs: TransformerOutputs
    ) throws -> String {
        let mapping = zip(outputs.labels, outputs.mapping.attributes).map { label, attributes in
            OptionValue.object([
                "label": .string(label), "attributes": .list(attributes.map { .string($0.rawValue) }),
            ])
        }
        let document = OptionValue.object([
            "checkpoint": .string(checkpoint), "settings": settings.option, "labels": .list(mapping),
            "output": .string(outputs.mapping.output.rawValue),
        ])
        return sha256(of: try document.jsonData)
    }
}
