public import Foundation
internal import TheriacDetection
public import TheriacDetox
public import TheriacModels
internal import TheriacTensors

extension MethodContext {
    /// What methods of one generation are made from, with the files that ship with the program and those a person names.
    ///
    /// - Parameter hasOriginalWeights: false where an adapter was merged into the model.
    public convenience init(
        _ loaded: LoadedModel, newTokens: Int, hasOriginalWeights: Bool, assets: AssetFolder
    ) {
        let shelf = DetectorShelf(assets)
        self.init(
            model: loaded, newTokens: newTokens, hasOriginalWeights: hasOriginalWeights,
            sources: .init(
                asset: { try assets.file($0) }, folder: { try assets.folder($0, kind: $1) },
                detector: { try shelf.load($0, relativeTo: nil) },
                load: {
                    try LoadedModel(
                        folder: $0, precision: loaded.model.computeType, device: loaded.model.device)
                }))
    }
}

/// A model with an adapter merged into its weights, as evaluations wear it.
public enum TreatedModel {
    /// Loads a model; merging is done in the type of its weights.
    ///
    /// - Parameters:
    ///   - folder: of the model.
    ///   - adapter: a folder in PEFT's layout; nil for none.
    ///   - precision: `fp32`, `bf16` or `fp16`; nil as the model is stored.
    ///   - device: such as `cpu` or `cuda:0`.
    public static func load(
        _ folder: URL, adapter: URL?, precision: String?, device: String
    ) throws -> (model: LoadedModel, adapterHash: String?) {
        let loaded = try LoadedModel(
            folder: folder, precision: Patient.precision(precision), device: Device(named: device))
        guard let adapter else { return (loaded, nil) }
        try LoRAAdapter(on: loaded.model, folder: adapter).merge()
        return (loaded, try ContentHash.ofAdapter(adapter))
    }
}
