public import Foundation
public import TheriacDetox
internal import TheriacModels
internal import TheriacTensors

/// Makes what a decoding-time method needs, with a model that a person names.
public struct MethodMaking {
    private let assets: AssetFolder

    public init(assets: AssetFolder) { self.assets = assets }

    /// - Parameters:
    ///   - model: a folder, or a shipped model.
    ///   - precision: `fp32`, `bf16`, `fp16`; nil as the model is stored.
    ///   - output: see ``MethodTraining``.
    /// - Returns: what was measured, by name.
    public func run<Training: MethodTraining>(
        _: Training.Type, _ settings: Training.Settings, texts: ClassedTexts, model: String,
        precision: String?, device: String, output: URL, _ report: @escaping (Stage) -> Void
    ) throws -> [String: Double] {
        let loaded = try LoadedModel(
            folder: assets.folder(model, kind: "models"), precision: Patient.precision(precision),
            device: Device(named: device))
        return try Training.run(settings, texts: texts, model: loaded, output: output) {
            report(Stage($0.stage, done: $0.done, total: $0.total, remark: $0.remark))
        }
    }
}
