import Foundation
import TheriacFiles
import TheriacTensors

/// One linear layer from an encoder's hidden states to a logit for each token: is this token part of what makes the text
/// toxic?
final class SpanHead {
    static let file = "span-head.safetensors"

    /// `[1, width]`, float32.
    let weight: Tensor
    /// `[1]`, float32.
    let bias: Tensor

    /// Weights of 0: every token is as likely as not.
    init(width: Int, on device: Device = .cpu) throws {
        weight = try .zeros([1, width], on: device)
        bias = try .zeros([1], on: device)
    }

    /// Reads ``file`` in `folder`.
    init(folder: URL, width: Int, on device: Device = .cpu) throws {
        let url = folder.appending(path: Self.file)
        let stored = try SafetensorsFile(contentsOf: url)
        func read(_ name: String, _ shape: [Int]) throws -> Tensor {
            guard let entry = stored.tensors[name], entry.shape == shape, let type = DType(entry.dtype),
                type.isFloatingPoint
            else {
                throw DetectionError.damaged(
                    file: url.path, reason: "it has no tensor '\(name)' of the shape \(shape)")
            }
            let tensor = try stored.withBytes(of: name) { try Tensor(bytes: $0, shape: shape, dtype: type) }
            guard try tensor.isFinite() else {
                throw DetectionError.damaged(
                    file: url.path, reason: "'\(name)' holds a value that is not a finite number")
            }
            return try tensor.to(.float32, on: device)
        }
        weight = try read("weight", [1, width])
        bias = try read("bias", [1])
    }

    /// hidden `[total, width]` → float32 `[total, 1]`.
    func logits(_ hidden: Tensor) throws -> Tensor { try hidden.to(.float32).linear(weight, bias) }

    /// What an optimiser changes.
    var parameters: [(name: String, tensor: Tensor)] {
        [("span_head.weight", weight), ("span_head.bias", bias)]
    }

    func write(to folder: URL) throws {
        let records = try [("weight", weight), ("bias", bias)].map { name, tensor in
            SafetensorsRecord(
                name: name, dtype: .float32, shape: tensor.shape, bytes: Data(try tensor.detached().bytes()))
        }
        try SafetensorsFile.write(
            records, metadata: ["format": "pt"], to: folder.appending(path: Self.file))
    }
}
