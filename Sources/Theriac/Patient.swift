internal import Foundation
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacEvaluation
internal import TheriacModels
internal import TheriacOptions
internal import TheriacTensors

/// A model under examination, with the adapter it wears.
struct Patient {
    let loaded: LoadedModel
    let model: ContentIdentity
    let adapter: ContentIdentity?
    /// The detector that took part in making the adapter.
    let steer: DetectorIdentity?

    /// Names weights, adapter and precision.
    var fingerprint: String { "\(model.hash) \(adapter?.hash ?? "") \(loaded.model.computeType)" }

    /// A precision by name; nil keeps the type a model is stored in.
    static func precision(_ name: String?) throws(OptionsError) -> DType? {
        guard let name else { return nil }
        guard let type = DType(precision: name) else {
            throw .unknownChoice(
                path: "dtype", found: name, choices: ["fp32", "bf16", "fp16"], suggestion: nil)
        }
        return type
    }

    /// Loads the model; an adapter is merged into its weights.
    init(model folder: URL, adapter: URL?, precision: DType?, device: Device) throws {
        // Merging rounds the sum of weight and adapter once; it is done in float32, whatever runs afterwards.
        loaded = try LoadedModel(folder: folder, precision: precision, device: device)
        model = ContentIdentity(name: folder.lastPathComponent, hash: loaded.hash)
        guard let adapter else {
            self.adapter = nil
            steer = nil
            return
        }
        try LoRAAdapter(on: loaded.model, folder: adapter).merge()
        self.adapter = ContentIdentity(
            name: adapter.lastPathComponent, hash: try ContentHash.ofAdapter(adapter))
        steer = (try? AdapterOrigin(folder: adapter))?.steer
    }
}
