import Foundation
import Testing
import TheriacFiles
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacModels

/// What transformers and peft compute of classifiers, as `Tests/Parity/encoder_parity.py` writes it.
struct EncoderReference {
    let folder: TemporaryFolder
    let cases: [String]

    init(_ verb: String, _ arguments: [String] = []) throws {
        struct Line: Decodable { var `case`: String }
        folder = try TemporaryFolder()
        let printed = try PythonReference.run(
            "encoder_parity.py", [verb, "--output", folder.url.path] + arguments)
        cases = try printed.split(separator: 0x0A).map { try JSONDecoder().decode(Line.self, from: $0).case }
    }

    /// The sequences of a case with their logits and hidden states.
    struct Values {
        var ids: [[Int32]] = []
        var logits: [Float] = []
        var hidden: [Float] = []

        init(_ url: URL) throws {
            let file = try SafetensorsFile(contentsOf: url)
            var index = 0
            while let entry = file.tensors["\(index).input_ids"] {
                ids.append(
                    try file.withBytes(of: "\(index).input_ids") {
                        try Tensor(bytes: $0, shape: entry.shape, dtype: .int64).integers().map { Int32($0) }
                    })
                logits += try file.floats("\(index).logits")
                hidden += try file.floats("\(index).hidden")
                index += 1
            }
        }
    }

    func values(_ name: String) throws -> Values { try Values(folder.file("\(name).safetensors")) }
}

/// The classifier of a folder that has no tokenizer.
func classifierAlone(_ folder: URL, precision: DType? = nil) throws -> SequenceClassifier {
    var files = try CheckpointFolder(folder)
    return try LoadedClassifier.model(&files, precision: precision).0
}

func classifierAlone(
    base folder: URL, labels: [String], seed: UInt64 = 1, precision: DType? = nil
) throws -> SequenceClassifier {
    try LoadedClassifier.model(
        base: CheckpointFolder(folder), labels: labels, seed: seed, precision: precision
    ).0
}

extension SequenceClassifier {
    func plainLogits(_ sequences: [[Int32]]) throws -> [Float] {
        try Torch.withoutGradients { try logits(PackedBatch(sequences, for: shape)).floats() }
    }

    func plainHidden(_ sequences: [[Int32]]) throws -> [Float] {
        try Torch.withoutGradients { try hidden(PackedBatch(sequences, for: shape)).floats() }
    }
}
