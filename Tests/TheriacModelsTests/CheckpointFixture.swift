import Foundation
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting

/// Changes the files of a model folder, to see what a reader says of it.
struct CheckpointFixture {
    let tiny: TinyModel

    var folder: URL { tiny.folder }
    private var weightsFile: URL { folder.appendingPathComponent("model.safetensors") }

    init(_ tiny: TinyModel) { self.tiny = tiny }

    /// Changes members of `config.json`; nil removes one.
    func configure(_ changes: [String: OptionValue?]) throws {
        let url = folder.appendingPathComponent("config.json")
        guard case .object(var members) = try OptionValue(jsonFile: url) else { return }
        for (name, value) in changes { members[name] = value }
        try OptionValue.object(members).jsonData.write(to: url)
    }

    func records() throws -> [SafetensorsRecord] {
        let file = try SafetensorsFile(contentsOf: weightsFile)
        return try file.tensors.sorted { $0.key < $1.key }.map { name, entry in
            try .init(
                name: name, dtype: entry.dtype, shape: entry.shape,
                bytes: file.withBytes(of: name) { Data($0) })
        }
    }

    /// Writes `model.safetensors` anew with what `change` makes of its records.
    func rewrite(_ change: ([SafetensorsRecord]) throws -> [SafetensorsRecord]) throws {
        let changed = try change(records())
        try SafetensorsFile.write(changed, metadata: ["format": "pt"], to: weightsFile)
    }

    func change(_ name: String, _ body: (inout SafetensorsRecord) -> Void) throws {
        try rewrite { records in
            records.map { record in
                var record = record
                if record.name == name { body(&record) }
                return record
            }
        }
    }

    /// Replaces `model.safetensors` by `parts` files and their index.
    func shard(into parts: Int) throws {
        let all = try records()
        var map: [String: OptionValue] = [:]
        for part in 0..<parts {
            let name = String(format: "model-%05d-of-%05d.safetensors", part + 1, parts)
            let mine = all.enumerated().filter { $0.offset % parts == part }.map(\.element)
            for record in mine { map[record.name] = .string(name) }
            try SafetensorsFile.write(
                mine, metadata: ["format": "pt"], to: folder.appendingPathComponent(name))
        }
        let size = all.reduce(0) { $0 + $1.bytes.count }
        let index = OptionValue.object([
            "metadata": .object(["total_size": .integer(size)]), "weight_map": .object(map),
        ])
        try index.jsonData.write(to: folder.appendingPathComponent("model.safetensors.index.json"))
        try FileManager.default.removeItem(at: weightsFile)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
}

extension LoadedModel {
    /// Logits at every position of `sequences`, row-major.
    func plainLogits(_ sequences: [[Int32]]) throws -> [Float] {
        try Torch.withoutGradients { try model.logits(of: sequences).floats() }
    }
}
