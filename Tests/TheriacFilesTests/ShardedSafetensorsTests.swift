import Foundation
import Testing
import TheriacFiles
import TheriacTesting

@Suite struct ShardedSafetensorsTests {
    private static let first = "model-00001-of-00002.safetensors"
    private static let second = "model-00002-of-00002.safetensors"

    private static func shard(_ names: [String], in folder: TemporaryFolder, named file: String) throws {
        let records = names.map {
            SafetensorsRecord(name: $0, dtype: .uint8, shape: [2], bytes: Data($0.utf8.prefix(1)) + [7])
        }
        try SafetensorsFile.write(records, metadata: [:], to: folder.url.appendingPathComponent(file))
    }

    private static func folder(first: [String] = ["a"], second: [String] = ["b"], map: String) throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        try shard(first, in: folder, named: Self.first)
        try shard(second, in: folder, named: Self.second)
        try folder.write(map, to: "model.safetensors.index.json")
        return folder
    }

    private static let good =
        #"{"metadata":{"total_size":4},"weight_map":{"a":"\#(first)","b":"\#(second)"}}"#

    @Test func readsASingleFile() throws {
        let folder = try TemporaryFolder()
        try Self.shard(["a", "b"], in: folder, named: "model.safetensors")
        let weights = try ShardedSafetensors(folder: folder.url)
        #expect(weights.tensors.keys.sorted() == ["a", "b"])
        #expect(weights.metadata == ["format": "pt"])
        #expect(try weights.withBytes(of: "b") { Array($0) } == [0x62, 7])
    }

    @Test func readsShards() throws {
        let folder = try Self.folder(map: Self.good)
        let weights = try ShardedSafetensors(folder: folder.url)
        #expect(weights.tensors.keys.sorted() == ["a", "b"])
        #expect(weights.metadata == ["format": "pt"])
        #expect(try weights.withBytes(of: "a") { Array($0) } == [0x61, 7])
        #expect(try weights.withBytes(of: "b") { Array($0) } == [0x62, 7])
        #expect(throws: FileError.missingTensor("c", file: folder.url.path)) {
            try weights.withBytes(of: "c") { $0.count }
        }
    }

    @Test(arguments: [
        "h.0.attn.bias", "h.0.attn.masked_bias", "layers.0.attention.bias", "x.rotary_emb.inv_freq",
    ])
    func ignoresStrayBuffers(name: String) throws {
        let folder = try Self.folder(first: ["a", name], map: Self.good)
        #expect(try ShardedSafetensors(folder: folder.url).tensors.count == 2)
    }

    static let refused: [(map: String, reason: String)] = [
        ("{", "not valid JSON: it ends inside brackets (byte 1)"),
        ("[]", "it has no object 'weight_map'"),
        (#"{"weight_map":{"a":1}}"#, "tensor 'a' is not mapped to a file name"),
        (#"{"weight_map":{"a":"../x.safetensors"}}"#, "tensor 'a' is mapped to a file outside the folder"),
        (#"{"weight_map":{"a":"/etc/passwd"}}"#, "tensor 'a' is mapped to a file outside the folder"),
        (#"{"weight_map":{"a":".."}}"#, "tensor 'a' is mapped to a file outside the folder"),
        (#"{"weight_map":{"a":""}}"#, "tensor 'a' is mapped to a file outside the folder"),
        (#"{"weight_map":{"a":"gone.safetensors"}}"#, "its file 'gone.safetensors' is missing"),
        (
            #"{"weight_map":{"a":"\#(first)","b":"\#(first)"}}"#,
            "tensor 'b' is not in '\(first)', where the index puts it"
        ),
    ]

    @Test(arguments: refused)
    func refuses(map: String, reason: String) throws {
        let folder = try Self.folder(map: map)
        let index = folder.url.appendingPathComponent("model.safetensors.index.json").path
        #expect(throws: FileError.invalidSafetensors(file: index, reason: reason)) {
            try ShardedSafetensors(folder: folder.url)
        }
    }

    @Test func refusesATensorThatIsNotMapped() throws {
        let folder = try Self.folder(second: ["b", "c"], map: Self.good)
        let index = folder.url.appendingPathComponent("model.safetensors.index.json").path
        let reason = "'\(Self.second)' holds tensor 'c', which is not mapped to it"
        #expect(throws: FileError.invalidSafetensors(file: index, reason: reason)) {
            try ShardedSafetensors(folder: folder.url)
        }
    }

    @Test func saysThatAFolderHasNoWeights() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: FileError.self) { try ShardedSafetensors(folder: folder.url) }
        let path = folder.url.path
        #expect(
            error?.description
                == "There is no file '\(path)/model.safetensors' or 'model.safetensors.index.json'. Check the path."
        )
    }
}
