public import Foundation
internal import TheriacFiles
public import TheriacModels

/// Directions from nontoxic to toxic text, as `theriac train steering` finds them.
public struct SteeringDirections: Sendable, Equatable {
    static let file = "steering.safetensors"

    /// `[layers, heads · headWidth]`, flat.
    public var heads: [Float]
    /// `[layers, width]`, flat.
    public var residual: [Float]
    /// 1 + accuracy of each head, `[layers, heads]`, flat.
    public var weights: [Float]
    private let layers: Int

    init(heads: [Float], residual: [Float], weights: [Float], shape: ModelShape) {
        precondition(
            heads.count == shape.layers * shape.heads * shape.headWidth
                && residual.count == shape.layers * shape.width && weights.count == shape.layers * shape.heads
        )
        self.heads = heads
        self.residual = residual
        self.weights = weights
        layers = shape.layers
    }

    /// Reads a folder made for a model of this shape.
    public init(folder: URL, for shape: ModelShape) throws {
        let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent(Self.file))
        func read(_ name: String, _ expected: [Int]) throws -> [Float] {
            guard let entry = file.tensors[name] else {
                throw ModelError.missingWeight(name, folder: folder.lastPathComponent)
            }
            guard entry.shape == expected, entry.dtype == .float32 else {
                throw ModelError.wrongShape(weight: name, found: entry.shape, expected: expected)
            }
            let values = try file.withBytes(of: name) { bytes in
                (0..<expected.reduce(1, *)).map {
                    bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
                }
            }
            guard values.allSatisfy(\.isFinite) else { throw ModelError.notFinite(weight: name) }
            return values
        }
        heads = try read("heads", [shape.layers, shape.heads * shape.headWidth])
        residual = try read("residual", [shape.layers, shape.width])
        weights = try read("weights", [shape.layers, shape.heads])
        layers = shape.layers
    }

    func write(to folder: URL) throws {
        let records = [("heads", heads), ("residual", residual), ("weights", weights)].map { name, values in
            SafetensorsRecord(
                name: name, dtype: .float32, shape: [layers, values.count / layers],
                bytes: values.withUnsafeBytes { Data($0) })
        }
        try SafetensorsFile.write(
            records, metadata: ["format": "pt"],
            to: folder.appendingPathComponent(Self.file))
    }
}
