import Foundation
import TheriacCorpora
import TheriacFiles
import TheriacOptions

/// A linear detector on disk: `detector.json` with settings and hashes, `weights.safetensors` with
/// `weights` (int8 `[slots, 7]`), `fingerprints` (uint8 `[slots]`), `scale` and `offset` (float32 `[7]`) and
/// `calibration` (float32 `[7, 2]`: slope, intercept).
enum LinearDetectorFolder {
    struct Content {
        var identity: DetectorIdentity
        var weights: LinearWeights
    }

    /// `detector.json` as it is written. `hash` is that of the identity.
    private struct Document: Codable {
        var kind = LinearDetector.kind
        var name: String
        var version: String
        var attributes: [String]
        var features: FeatureSettings
        var weightsSHA256: String
        var trainingHash: String
    }

    static let weightsFile = "weights.safetensors"

    /// Writes both files into an existing folder.
    /// - Returns: the identity the detector has now.
    static func write(
        _ weights: LinearWeights, name: String, version: String, trainingHash: String, to folder: URL
    ) throws -> DetectorIdentity {
        let file = folder.appending(path: weightsFile)
        try SafetensorsFile.write(
            records(of: weights), metadata: ["format": "theriac-linear-detector-1"], to: file)
        let document = Document(
            name: name, version: version, attributes: Attribute.allCases.map(\.rawValue),
            features: weights.features, weightsSHA256: try sha256(ofFileAt: file), trainingHash: trainingHash)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(try encoder.encode(document), to: folder.appending(path: "detector.json"))
        return try identity(document)
    }

    static func read(_ folder: URL) throws -> Content {
        let jsonFile = folder.appending(path: "detector.json")
        guard FileManager.default.fileExists(atPath: jsonFile.path) else {
            throw DetectionError.notADetector(folder: folder.path, reason: "it has no detector.json")
        }
        let document = try readDocument(jsonFile)
        let file = folder.appending(path: weightsFile)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw DetectionError.notADetector(folder: folder.path, reason: "it has no \(weightsFile)")
        }
        let found = try sha256(ofFileAt: file)
        guard found == document.weightsSHA256 else {
            throw DetectionError.hashMismatch(file: file.path, expected: document.weightsSHA256, found: found)
        }
        return Content(
            identity: try identity(document),
            weights: try readWeights(SafetensorsFile(contentsOf: file), document.features, file: file.path))
    }

    private static func identity(_ document: Document) throws -> DetectorIdentity {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let settings = try encoder.encode(document.features)
        let hash = sha256(of: settings + Data(document.weightsSHA256.utf8))
        return DetectorIdentity(
            name: document.name, version: document.version, hash: hash, trainingHash: document.trainingHash)
    }

    private static func readDocument(_ file: URL) throws -> Document {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
        } catch let error as DecodingError {
            throw DetectionError.damaged(file: file.path, reason: error.sentence)
        }
        guard document.kind == LinearDetector.kind else {
            throw DetectionError.notADetector(
                folder: file.deletingLastPathComponent().path,
                reason: "its kind is not '\(LinearDetector.kind)'")
        }
        guard document.attributes == Attribute.allCases.map(\.rawValue) else {
            throw DetectionError.damaged(
                file: file.path, reason: "its attributes are not the seven of this version")
        }
        if let reason = document.features.problem {
            throw DetectionError.damaged(file: file.path, reason: reason)
        }
        return document
    }

    private static func records(of weights: LinearWeights) -> [SafetensorsRecord] {
        let count = weights.table.slots.count
        var bytes = Data(capacity: count * FeatureTable.heads)
        var fingerprints = Data(capacity: count)
        for slot in 0..<count {
            for head in 0..<FeatureTable.heads {
                bytes.append(UInt8(bitPattern: weights.table.weight(slot: slot, head: head)))
            }
            fingerprints.append(weights.table.fingerprint(slot: slot))
        }
        let heads = FeatureTable.heads
        let calibration = weights.calibration.flatMap { [$0.slope, $0.intercept] }
        return [
            SafetensorsRecord(name: "weights", dtype: .int8, shape: [count, heads], bytes: bytes),
            SafetensorsRecord(name: "fingerprints", dtype: .uint8, shape: [count], bytes: fingerprints),
            SafetensorsRecord(name: "scale", dtype: .float32, shape: [heads], bytes: floats(weights.scale)),
            SafetensorsRecord(name: "offset", dtype: .float32, shape: [heads], bytes: floats(weights.offset)),
            SafetensorsRecord(
                name: "calibration", dtype: .float32, shape: [heads, 2], bytes: floats(calibration)),
        ]
    }

    private static func floats(_ values: [Double]) -> Data {
        var data = Data(capacity: 4 * values.count)
        for value in values {
            withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    private static func readWeights(
        _ file: SafetensorsFile, _ features: FeatureSettings, file path: String
    ) throws -> LinearWeights {
        let heads = FeatureTable.heads
        let slots = 1 << features.hashBits
        try check(file, "weights", .int8, [slots, heads], path)
        try check(file, "fingerprints", .uint8, [slots], path)
        let calibration = try readFloats(file, "calibration", [heads, 2], path)
        var table = FeatureTable(bits: features.hashBits)
        try file.withBytes(of: "weights") { weights in
            try file.withBytes(of: "fingerprints") { table.fill(weights: weights, fingerprints: $0) }
        }
        return LinearWeights(
            features: features, table: table,
            scale: try readFloats(file, "scale", [heads], path),
            offset: try readFloats(file, "offset", [heads], path),
            calibration: (0..<heads).map {
                Calibration(slope: calibration[2 * $0], intercept: calibration[2 * $0 + 1])
            })
    }

    private static func check(
        _ file: SafetensorsFile, _ name: String, _ dtype: SafetensorsDType, _ shape: [Int], _ path: String
    ) throws {
        guard let entry = file.tensors[name] else {
            throw DetectionError.damaged(file: path, reason: "it has no tensor '\(name)'")
        }
        guard entry.dtype == dtype, entry.shape == shape else {
            throw DetectionError.damaged(
                file: path,
                reason:
                    "'\(name)' is \(entry.dtype.rawValue) \(entry.shape) instead of \(dtype.rawValue) \(shape)"
            )
        }
    }

    private static func readFloats(
        _ file: SafetensorsFile, _ name: String, _ shape: [Int], _ path: String
    ) throws -> [Double] {
        try check(file, name, .float32, shape, path)
        let values = try file.withBytes(of: name) { bytes in
            (0..<(bytes.count / 4)).map { index in
                let pattern = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                return Double(Float(bitPattern: UInt32(littleEndian: pattern)))
            }
        }
        guard values.allSatisfy(\.isFinite) else {
            throw DetectionError.damaged(
                file: path, reason: "'\(name)' holds a value that is not a finite number")
        }
        return values
    }
}

extension DecodingError {
    /// What is wrong with `detector.json`.
    var sentence: String {
        switch self {
        case .keyNotFound(let key, _): "the field '\(key.stringValue)' is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "the field '\(context.codingPath.map(\.stringValue).joined(separator: "."))' is of the wrong kind"
        default: "it is not JSON"
        }
    }
}
