internal import Foundation
internal import TheriacFiles
internal import TheriacModels
internal import TheriacTensors

/// What can be wrong with what a method needs.
public enum MethodFileError: Error, Equatable, CustomStringConvertible {
    case notMade(folder: String, by: String)
    case otherModel(folder: String)
    case wrongShape(file: String, tensor: String, found: [Int], expected: [Int])
    case damaged(file: String, reason: String)

    public var description: String {
        switch self {
        case .notMade(let folder, let name):
            "\(folder) was not made by 'theriac train \(name)': it has no theriac.json that says so."
        case .otherModel(let folder):
            "\(folder) was made from another model's hidden states, which mean something else there. Make one for this "
                + "model."
        case .wrongShape(let file, let tensor, let found, let expected):
            "\(file): '\(tensor)' has the shape \(found); this model needs \(expected)."
        case .damaged(let file, let reason):
            "\(file) cannot be used: \(reason). Make it anew."
        }
    }
}

/// Tensors in one file of a folder that ``MethodTraining`` makes.
enum MethodFile {
    static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
    ) throws {
        let records = try tensors.map { name, tensor in
            SafetensorsRecord(
                name: name, dtype: tensor.dtype.stored, shape: tensor.shape,
                bytes: Data(try tensor.to(on: .cpu).contiguous().bytes()))
        }
        try SafetensorsFile.write(records, metadata: metadata, to: url)
    }

    /// A tensor as it is stored; −1 in `shape` fits any size.
    static func tensor(_ name: String, _ shape: [Int], in file: SafetensorsFile, _ url: URL) throws -> Tensor
    {
        guard let entry = file.tensors[name] else {
            throw MethodFileError.damaged(file: url.lastPathComponent, reason: "'\(name)' is missing")
        }
        let fits =
            entry.shape.count == shape.count
            && zip(entry.shape, shape).allSatisfy { $0 == $1 || $1 == -1 }
        guard fits else {
            throw MethodFileError.wrongShape(
                file: url.lastPathComponent, tensor: name, found: entry.shape, expected: shape)
        }
        guard let type = DType(entry.dtype) else {
            throw MethodFileError.damaged(
                file: url.lastPathComponent, reason: "'\(name)' is of the type \(entry.dtype.rawValue)")
        }
        let tensor = try file.withBytes(of: name) { try Tensor(bytes: $0, shape: entry.shape, dtype: type) }
        guard try !type.isFloatingPoint || tensor.isFinite() else {
            throw MethodFileError.damaged(
                file: url.lastPathComponent, reason: "'\(name)' holds values that are not finite")
        }
        return tensor
    }

    /// Checks that a folder was made by a training, and, where hidden states matter, from this very model.
    static func check(_ folder: URL, madeBy name: String, from loaded: LoadedModel? = nil) throws {
        guard let origin = try? AdapterOrigin(folder: folder), origin.method == name else {
            throw MethodFileError.notMade(folder: folder.path, by: name)
        }
        if let loaded, origin.model != loaded.hash {
            throw MethodFileError.otherModel(folder: folder.path)
        }
    }
}
