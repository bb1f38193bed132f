public import Foundation

/// The weights of a model folder: `model.safetensors`, or the shards that `model.safetensors.index.json`
/// names.
public struct ShardedSafetensors: Sendable {
    /// Text values of `__metadata__` of the first file, by name.
    public let metadata: [String: String]
    /// Every tensor by name. Byte ranges count from the buffer start of the file that holds it.
    public let tensors: [String: TensorEntry]
    /// The files, by name inside the folder.
    public let files: [String: SafetensorsFile]
    private let fileOfTensor: [String: String]
    private let path: String

    static let singleName = "model.safetensors"
    static let indexName = "model.safetensors.index.json"

    /// Opens and checks the weights in `folder`.
    ///
    /// Of an index it demands that every file is inside the folder, that every tensor is in the file it is
    /// mapped to, and that no file holds a tensor that is not mapped to it, other than the buffers of
    /// ``isStrayBuffer(_:)``.
    public init(folder: URL) throws {
        let single = folder.appendingPathComponent(Self.singleName)
        let index = folder.appendingPathComponent(Self.indexName)
        if FileManager.default.fileExists(atPath: single.path) {
            let file = try SafetensorsFile(contentsOf: single)
            fileOfTensor = file.tensors.mapValues { _ in Self.singleName }
            (files, metadata, tensors) = ([Self.singleName: file], file.metadata, file.tensors)
        } else if FileManager.default.fileExists(atPath: index.path) {
            let map = try Self.weightMap(index)
            let opened = try Self.open(Set(map.values), in: folder, index: index.path)
            tensors = try Self.resolve(map, opened, index: index.path)
            (files, fileOfTensor) = (opened, map)
            metadata = opened.keys.sorted().first.flatMap { opened[$0]?.metadata } ?? [:]
        } else {
            throw FileError.notFound(file: "\(single.path)' or '\(Self.indexName)")
        }
        path = folder.path
    }

    /// Calls `body` with the bytes of a tensor; see ``SafetensorsFile/withBytes(of:_:)``.
    public func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        guard let file = fileOfTensor[name].flatMap({ files[$0] }) else {
            throw FileError.missingTensor(name, file: path)
        }
        return try file.withBytes(of: name, body)
    }

    /// Whether `name` is a buffer that old checkpoints carry and no model needs.
    public static func isStrayBuffer(_ name: String) -> Bool {
        let endings = [
            ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias",
            ".rotary_emb.inv_freq", ".position_ids", ".embeddings.token_type_ids",
        ]
        return endings.contains { name.hasSuffix($0) }
    }

    // MARK: The index

    private static func weightMap(_ index: URL) throws -> [String: String] {
        let value: JSONValue
        do {
            value = try MappedFile(contentsOf: index).withUnsafeBytes { try JSONScanner.value(in: $0) }
        } catch let error as JSONError {
            throw FileError.invalidSafetensors(file: index.path, reason: error.description)
        }
        guard case .object(let entries)? = value["weight_map"] else {
            throw FileError.invalidSafetensors(file: index.path, reason: "it has no object 'weight_map'")
        }
        var map: [String: String] = [:]
        for (name, value) in entries {
            guard let file = value.text else {
                throw FileError.invalidSafetensors(
                    file: index.path, reason: "tensor '\(name)' is not mapped to a file name")
            }
            guard !file.isEmpty, !file.contains("/"), !file.contains("\\"), file != ".", file != "..",
                !file.unicodeScalars.contains("\0")
            else {
                throw FileError.invalidSafetensors(
                    file: index.path, reason: "tensor '\(name)' is mapped to a file outside the folder")
            }
            map[name] = file
        }
        return map
    }

    private static func open(
        _ names: Set<String>, in folder: URL, index: String
    ) throws -> [String: SafetensorsFile] {
        var files: [String: SafetensorsFile] = [:]
        for name in names.sorted() {
            do {
                files[name] = try SafetensorsFile(contentsOf: folder.appendingPathComponent(name))
            } catch FileError.notFound {
                throw FileError.invalidSafetensors(file: index, reason: "its file '\(name)' is missing")
            }
        }
        return files
    }

    private static func resolve(
        _ map: [String: String], _ files: [String: SafetensorsFile], index: String
    ) throws -> [String: TensorEntry] {
        var tensors: [String: TensorEntry] = [:]
        for (name, file) in map.sorted(by: { $0.key < $1.key }) {
            guard let entry = files[file]?.tensors[name] else {
                throw FileError.invalidSafetensors(
                    file: index, reason: "tensor '\(name)' is not in '\(file)', where the index puts it")
            }
            tensors[name] = entry
        }
        for (fileName, file) in files.sorted(by: { $0.key < $1.key }) {
            let unmapped = file.tensors.keys.filter { map[$0] != fileName && !isStrayBuffer($0) }
            if let name = unmapped.min() {
                throw FileError.invalidSafetensors(
                    file: index, reason: "'\(fileName)' holds tensor '\(name)', which is not mapped to it")
            }
        }
        return tensors
    }
}
