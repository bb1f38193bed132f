public import Foundation
import TheriacOptions

/// The kinds of detector that can be loaded from a folder.
public enum Detectors {
    private static let kinds: [(name: String, load: @Sendable (URL) throws -> any Detector)] = [
        (LinearDetector.kind, { try LinearDetector(folder: $0) }),
        (LexiconDetector.kind, { try LexiconDetector(folder: $0) }),
        (TransformerDetector.kind, { try TransformerDetector(folder: $0) }),
        (EnsembleDetector.kind, { try EnsembleDetector(folder: $0) }),
        (CalibratedDetector.kind, { try CalibratedDetector(folder: $0) }),
        (NormalizingDetector.kind, { try NormalizingDetector(folder: $0) }),
        (SelfDiagnosisDetector.kind, { try SelfDiagnosisDetector(folder: $0) }),
        (GuardModelDetector.kind, { try GuardModelDetector(folder: $0) }),
    ]

    /// Names of the kinds, as `detector.json` has them.
    static var names: [String] { kinds.map(\.name) }

    /// Loads the detector in `folder`, of the kind that its `detector.json` names; a folder without that file but with a
    /// `config.json` is taken for a sequence classifier in Hugging Face's layout.
    /// - Throws: ``DetectionError`` when the folder is not a detector's, is damaged, or of an unknown kind.
    public static func load(folder: URL) throws -> any Detector {
        let file = folder.appending(path: "detector.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            if FileManager.default.fileExists(atPath: folder.appending(path: "config.json").path) {
                return try TransformerDetector(folder: folder)
            }
            throw DetectionError.notADetector(folder: folder.path, reason: "it has no detector.json")
        }
        var fields = try OptionFields(OptionValue(jsonFile: file), path: "", source: file.path)
        let kind = try fields.require("kind", as: String.self)
        guard let entry = kinds.first(where: { $0.name == kind }) else {
            throw DetectionError.unknownKind(kind, folder: folder.path, known: names)
        }
        return try entry.load(folder)
    }
}
