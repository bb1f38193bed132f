import Foundation
import TheriacFiles
import TheriacOptions
import TheriacTensors

/// Another detector's adapter and heads, to train on from there instead of from fresh ones.
///
/// The base and the adapter's rank and targets must be the same. A head of a label that the other detector has starts from
/// that label's; other heads start fresh, over what the adapter has learnt.
struct WarmStart {
    /// The other detector, for the card and the training hash.
    let identity: DetectorIdentity
    private let document: TransformerDetectorFolder.Document
    private let weights: [String: (shape: [Int], values: [Float])]

    /// Reads a detector's folder; of one with a normaliser in front, the detector behind it.
    ///
    /// - Throws: ``DetectionError`` when it is no transformer with an adapter, or a file is damaged.
    init(folder: URL) throws {
        let place = try Self.place(folder)
        document = try TransformerDetectorFolder.document(in: place)
        guard document.base != nil else {
            throw DetectionError.recipe(
                reason:
                    "'from' names \(folder.path), which has no adapter but all of its weights; name it as 'base'"
            )
        }
        identity = try TransformerDetectorFolder.identity(document)
        let adapter = place.appending(path: TransformerDetectorFolder.adapterFolder)
        var weights = try Self.tensors(adapter.appending(path: "adapter_model.safetensors"))
        let spans = adapter.appending(path: SpanHead.file)
        if FileManager.default.fileExists(atPath: spans.path) {
            for (name, tensor) in try Self.tensors(spans) { weights["span_head." + name] = tensor }
        }
        self.weights = weights
    }

    private static func place(_ folder: URL) throws -> URL {
        let file = folder.appending(path: "detector.json")
        var fields = try OptionFields(OptionValue(jsonFile: file), path: "", source: file.path)
        fields.allowUnknown()
        guard try fields.require("kind", as: String.self) == NormalizingDetector.kind else { return folder }
        return folder.appending(path: try fields.require("of", as: String.self)).standardizedFileURL
    }

    private static func tensors(_ file: URL) throws -> [String: (shape: [Int], values: [Float])] {
        let stored = try SafetensorsFile(contentsOf: file)
        return try stored.tensors.reduce(into: [:]) { found, entry in
            guard let type = DType(entry.value.dtype), type.isFloatingPoint else { return }
            let tensor = try stored.withBytes(of: entry.key) {
                try Tensor(bytes: $0, shape: entry.value.shape, dtype: type)
            }
            guard try tensor.isFinite() else {
                throw DetectionError.damaged(
                    file: file.path, reason: "'\(entry.key)' holds a value that is not a finite number")
            }
            found[entry.key] = (entry.value.shape, try tensor.floats())
        }
    }

    /// Overwrites what is trained with what the other detector has of it.
    ///
    /// - Parameters:
    ///   - parameters: by their names in PEFT's file, float32.
    ///   - heads: the labels of the new heads, in order.
    ///   - base: hash of the new detector's base.
    /// - Throws: ``DetectionError/recipe(reason:)`` when base or adapter are others.
    func fill(_ parameters: [(name: String, tensor: Tensor)], heads: [String], base: String) throws {
        guard document.base?.hash == base else {
            throw DetectionError.recipe(
                reason:
                    "'from' names a detector over the base '\(document.base?.name ?? "")', and 'base' is another"
            )
        }
        let labels = document.heads.map(\.label)
        for (name, tensor) in parameters {
            guard let (shape, values) = weights[name] else {
                // A span head may be new.
                if name.hasPrefix("span_head.") { continue }
                throw mismatch("it has no '\(name)'")
            }
            let isHead =
                !name.contains(".lora_") && shape.first == labels.count && tensor.shape.first == heads.count
                && shape.dropFirst() == tensor.shape.dropFirst()
            if isHead {
                try fill(tensor, shape, values, labels: labels, heads: heads)
            } else if shape == tensor.shape {
                try tensor.assign(Tensor(values, shape: shape))
            } else {
                throw mismatch("its '\(name)' has the shape \(shape), here it is \(tensor.shape)")
            }
        }
    }

    /// A head's rows, label by label.
    private func fill(
        _ tensor: Tensor, _ shape: [Int], _ values: [Float], labels: [String], heads: [String]
    ) throws {
        let width = shape.dropFirst().reduce(1, *)
        var rows = try tensor.detached().floats()
        for (row, head) in heads.enumerated() {
            guard let place = labels.firstIndex(of: head) else { continue }
            rows.replaceSubrange(
                row * width..<(row + 1) * width, with: values[place * width..<(place + 1) * width])
        }
        try tensor.assign(Tensor(rows, shape: tensor.shape))
    }

    private func mismatch(_ what: String) -> DetectionError {
        .recipe(
            reason: "'from' names a detector with another adapter: \(what); give 'adapter' as it was there")
    }
}
