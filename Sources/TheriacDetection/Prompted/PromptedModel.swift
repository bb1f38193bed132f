internal import Foundation
internal import Synchronization
internal import TheriacFiles
internal import TheriacModels
internal import TheriacOptions
internal import TheriacTensors

/// The language model of a detector that asks one: loaded once, used by one thread at a time.
final class PromptedModel: Sendable {
    /// Of the checkpoint's configuration and weights.
    let hash: String
    private let loaded: Mutex<LoadedModel>

    /// - Parameter folder: a checkpoint in Hugging Face's layout.
    init(folder: URL, precision: String?, device: String?) throws {
        let type = try precision.map { name in
            guard let type = DType(precision: name) else {
                throw DetectionError.damaged(
                    file: "detector.json", reason: "'precision' is neither fp32, bf16 nor fp16")
            }
            return type
        }
        let loaded = try LoadedModel(
            folder: folder, precision: type, device: device.map { try Device(named: $0) } ?? .cpu)
        hash = loaded.hash
        self.loaded = Mutex(loaded)
    }

    /// Runs `body` alone with the model.
    func run<Result: Sendable>(_ body: (LoadedModel) throws -> Result) rethrows -> Result {
        try loaded.withLock { try body($0) }
    }
}

/// What the settings of all detectors that ask a language model have in common.
struct PromptedSettings {
    var name = ""
    var version = "1.0.0"
    /// Folder of the checkpoint, from the detector's folder.
    var model = ""
    var precision: String?
    var device: String?

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        _ = fields.value("kind")
        try fields.read("name", into: &name)
        try fields.read("version", into: &version)
        try fields.read("model", into: &model)
        guard !model.isEmpty else { throw .missing(name: "model", path: fields.path, source: fields.source) }
        try fields.read("precision", into: &precision)
        try fields.read("device", into: &device)
    }

    func load(from folder: URL) throws -> PromptedModel {
        try PromptedModel(
            folder: URL(
                fileURLWithPath: model, relativeTo: folder.appending(path: "", directoryHint: .isDirectory)
            )
            .standardizedFileURL,
            precision: precision, device: device)
    }

    /// The identity of a detector with these settings: its hash is over the model's and every setting but the names.
    func identity(of settings: OptionValue, model: PromptedModel) throws -> DetectorIdentity {
        var content = settings
        if case .object(var members) = content {
            for name in ["name", "version", "model", "device", "kind", "thresholds"] { members[name] = nil }
            content = .object(members)
        }
        let hash = sha256(of: try content.jsonData + Data(model.hash.utf8))
        return DetectorIdentity(name: name, version: version, hash: hash)
    }
}
