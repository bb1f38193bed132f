import Foundation
import TheriacCorpora
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors

/// A transformer detector on disk: `detector.json`, and either `adapter/` (PEFT's format, for a base checkpoint that is
/// found by name, see ``BaseCheckpoint``) or `model/` (a whole checkpoint).
enum TransformerDetectorFolder {
    /// `detector.json` as it is written.
    struct Document: Codable {
        struct Base: Codable, Equatable {
            var name: String
            /// Of the checkpoint, see `LoadedClassifier.hash`.
            var hash: String
        }

        struct Head: Codable {
            var label: String
            var attribute: String?
            var calibration: Calibration
        }

        var kind = TransformerDetector.kind
        var name: String
        var version: String
        /// Absent for a detector with a checkpoint of its own.
        var base: Base?
        var heads: [Head]
        var settings: TransformerSettings
        var trainingHash: String
        /// SHA-256 of each file that scores depend on, by its path in the folder.
        var files: [String: String]
    }

    static let adapterFolder = "adapter"
    static let modelFolder = "model"

    /// Completes a folder that already has its weights: hashes them and writes `detector.json`.
    static func finish(_ document: Document, in folder: URL) throws -> DetectorIdentity {
        var document = document
        document.files = try files(in: folder).reduce(into: [:]) {
            $0[$1] = try sha256(ofFileAt: folder.appending(path: $1))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(document), to: folder.appending(path: "detector.json"))
        return try identity(document)
    }

    static func read(
        _ folder: URL, precision: TransformerSettings.Precision?
    ) throws -> sending TransformerContent {
        var document = try document(in: folder)
        if let precision { document.settings.precision = precision }
        let (loaded, spanHead) = try weights(document, folder)
        let context = loaded.classifier.shape.context
        let labels = document.heads.map(\.label)
        guard loaded.classifier.labels.count == labels.count else {
            throw DetectionError.damaged(
                file: folder.appending(path: "detector.json").path,
                reason:
                    "it names \(labels.count) heads, but the weights have \(loaded.classifier.labels.count)")
        }
        return TransformerContent(
            identity: try identity(document), settings: document.settings,
            outputs: try outputs(document, folder),
            cutter: try WindowCutter(
                loaded.tokenizer, window: document.settings.window(context: context),
                overlap: document.settings.overlap, namesEmoji: document.settings.namesEmoji),
            model: TransformerModel(loaded.classifier, spanHead: spanHead))
    }

    /// The classifier, with its adapter merged in float32 whatever the precision of the products, and its span head.
    private static func weights(
        _ document: Document, _ folder: URL
    ) throws -> (LoadedClassifier, SpanHead?) {
        let loaded: LoadedClassifier
        if let base = document.base {
            let found = try BaseCheckpoint.folder(base.name, near: folder)
            loaded = try LoadedClassifier(
                base: found, labels: document.heads.map(\.label), seed: 0, precision: .float32)
            guard loaded.hash == base.hash else {
                throw DetectionError.hashMismatch(file: found.path, expected: base.hash, found: loaded.hash)
            }
            try LoRAAdapter(on: loaded.classifier, folder: folder.appending(path: adapterFolder)).merge()
        } else {
            loaded = try LoadedClassifier(folder: folder.appending(path: modelFolder), precision: .float32)
        }
        loaded.classifier.computeType = document.settings.precision.dtype
        let hasSpanHead = document.files.keys.contains { $0.hasSuffix(SpanHead.file) }
        let place = folder.appending(path: document.base == nil ? modelFolder : adapterFolder)
        let width = loaded.classifier.shape.width
        return (loaded, hasSpanHead ? try SpanHead(folder: place, width: width) : nil)
    }

    private static func outputs(_ document: Document, _ folder: URL) throws -> TransformerOutputs {
        let attributes = try document.heads.map { head -> [Attribute] in
            guard let name = head.attribute else { return [] }
            guard let attribute = Attribute(rawValue: name) else {
                throw DetectionError.damaged(
                    file: folder.appending(path: "detector.json").path, reason: "'\(name)' is no attribute")
            }
            return [attribute]
        }
        return TransformerOutputs(
            labels: document.heads.map(\.label),
            mapping: LabelMapping(attributes: attributes, output: .sigmoid),
            calibration: document.heads.map(\.calibration))
    }

    /// SHA-256 over sorted-key JSON of everything that scores depend on: base, files, heads with their calibration, and
    /// settings.
    static func identity(_ document: Document) throws -> DetectorIdentity {
        struct Essence: Codable {
            var base: String?
            var files: [String: String]
            var heads: [Document.Head]
            var settings: TransformerSettings
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let essence = Essence(
            base: document.base?.hash, files: document.files, heads: document.heads,
            settings: document.settings)
        return DetectorIdentity(
            name: document.name, version: document.version, hash: sha256(of: try encoder.encode(essence)),
            trainingHash: document.trainingHash)
    }

    /// Paths of the files in `adapter/` or `model/`, sorted.
    private static func files(in folder: URL) throws -> [String] {
        try [adapterFolder, modelFolder].flatMap { name -> [String] in
            let place = folder.appending(path: name)
            guard FileManager.default.fileExists(atPath: place.path) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted().map {
                "\(name)/\($0)"
            }
        }
    }

    private static func checkFiles(_ document: Document, _ folder: URL) throws {
        for (path, expected) in document.files.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path: path)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw DetectionError.notADetector(folder: folder.path, reason: "it has no \(path)")
            }
            let found = try sha256(ofFileAt: file)
            guard found == expected else {
                throw DetectionError.hashMismatch(file: file.path, expected: expected, found: found)
            }
        }
    }

    /// `detector.json` of a folder whose files are as it says.
    static func document(in folder: URL) throws -> Document {
        let document = try readDocument(folder.appending(path: "detector.json"))
        try checkFiles(document, folder)
        return document
    }

    private static func readDocument(_ file: URL) throws -> Document {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: file))
        } catch let error as DecodingError {
            throw DetectionError.damaged(file: file.path, reason: error.sentence)
        }
        guard document.kind == TransformerDetector.kind else {
            throw DetectionError.notADetector(
                folder: file.deletingLastPathComponent().path,
                reason: "its kind is not '\(TransformerDetector.kind)'")
        }
        return document
    }
}
