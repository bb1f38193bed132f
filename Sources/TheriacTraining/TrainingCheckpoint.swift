internal import Foundation
internal import TheriacFiles
internal import TheriacTensors

/// A moment of a training run on disk: weights, both running means, the step, the held-out losses so far and the weights
/// of the lowest. One file, which appears whole or not at all.
enum TrainingCheckpoint {
    private static let fileName = "checkpoint.safetensors"

    static func save(
        to folder: URL, step: Int, stopping: EarlyStopping, names: [String], parameters: [Tensor],
        optimiser: AdamW, identity: String
    ) throws {
        var records: [SafetensorsRecord] = []
        for (part, tensors) in [
            ("weight", parameters), ("first", optimiser.first), ("second", optimiser.second),
            ("best", stopping.best),
        ] {
            for (name, tensor) in zip(names, tensors) {
                records.append(
                    .init(
                        name: "\(part):\(name)", dtype: .float32, shape: tensor.shape,
                        bytes: Data(try tensor.bytes())))
            }
        }
        try SafetensorsFile.write(
            records,
            metadata: [
                "format": "pt", "step": String(step), "identity": identity,
                "validation-losses": stopping.losses.map { "\($0)" }.joined(separator: " "),
            ],
            to: folder.appendingPathComponent(fileName))
    }

    /// Puts a saved moment back and returns its step and held-out losses; nil when there is none.
    static func restore(
        from folder: URL, names: [String], parameters: [Tensor], optimiser: AdamW, identity: String
    ) throws -> (step: Int, stopping: EarlyStopping)? {
        let url = folder.appendingPathComponent(fileName)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let file = try SafetensorsFile(contentsOf: url)
        guard let step = file.metadata["step"].flatMap({ Int($0) }) else {
            throw TrainingError.damagedCheckpoint("it names no step")
        }
        guard file.metadata["identity"] == identity else {
            throw TrainingError.otherRun(folder: folder.path, reason: "model, data or settings differ")
        }
        func stored(_ part: String, _ name: String, like tensor: Tensor) throws -> Tensor {
            guard let entry = file.tensors["\(part):\(name)"], entry.shape == tensor.shape,
                entry.dtype == .float32
            else {
                throw TrainingError.damagedCheckpoint("'\(part):\(name)' is missing or has another form")
            }
            return try file.withBytes(of: "\(part):\(name)") {
                try Tensor(bytes: $0, shape: entry.shape, dtype: .float32)
            }
        }
        for (part, tensors) in [
            ("weight", parameters), ("first", optimiser.first), ("second", optimiser.second),
        ] {
            for (name, tensor) in zip(names, tensors) { try tensor.assign(stored(part, name, like: tensor)) }
        }
        let losses = (file.metadata["validation-losses"] ?? "").split(separator: " ").compactMap {
            Double($0)
        }
        var stopping = EarlyStopping(losses: losses)
        if !losses.isEmpty {
            stopping.best = try zip(names, parameters).map { try stored("best", $0, like: $1) }
        }
        optimiser.resume(after: step)
        return (step, stopping)
    }
}

/// `training.jsonl`: one line an update. After a resumption the lines past the checkpoint are written anew.
struct TrainingLog {
    private let writer: JSONLinesWriter

    init(_ url: URL, keepingSteps steps: Int) throws {
        if FileManager.default.fileExists(atPath: url.path) {
            let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            let kept = lines.filter { line in
                (try? JSONDecoder().decode(TrainingProgress.self, from: Data(line.utf8))).map {
                    $0.step <= steps
                } ?? false
            }
            try AtomicFile.write(Data(kept.map { $0 + "\n" }.joined().utf8), to: url)
        }
        writer = try JSONLinesWriter(appendingTo: url)
    }

    func append(_ progress: TrainingProgress) throws { try writer.append(progress) }
}
