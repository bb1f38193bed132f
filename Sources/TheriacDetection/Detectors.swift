public import Foundation
import TheriacOptions

/// The kinds of detector that can be loaded from a folder.
public enum Detectors {
    private typealias Load = @Sendable (URL, TransformerSettings.Precision?) throws -> any Detector

    private static let kinds: [(name: String, load: Load)] = [
        (LinearDetector.kind, { folder, _ in try LinearDetector(folder: folder) }),
        (LexiconDetector.kind, { folder, _ in try LexiconDetector(folder: folder) }),
        (TransformerDetector.kind, { try TransformerDetector(folder: $0, precision: $1) }),
        (EnsembleDetector.kind, { folder, _ in try EnsembleDetector(folder: folder) }),
        (CalibratedDetector.kind, { folder, _ in try CalibratedDetector(folder: folder) }),
        (NormalizingDetector.kind, { try NormalizingDetector(folder: $0, precision: $1) }),
        (SelfDiagnosisDetector.kind, { folder, _ in try SelfDiagnosisDetector(folder: folder) }),
        (GuardModelDetector.kind, { folder, _ in try GuardModelDetector(folder: folder) }),
    ]

    /// Names of the kinds, as `detector.json` has them.
    static var names: [String] { kinds.map(\.name) }

    /// Loads the detector in `folder`, of the kind that its `detector.json` names; a folder without that file but with a
    /// `config.json` is taken for a sequence classifier in Hugging Face's layout.
    ///
    /// - Parameter precision: of a transformer's products, when it shall be another than its folder says.
    /// - Throws: ``DetectionError`` when the folder is not a detector's, is damaged, or of an unknown kind.
    public static func load(
        folder: URL, precision: TransformerSettings.Precision? = nil
    ) throws -> any Detector {
        let file = folder.appending(path: "detector.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            if FileManager.default.fileExists(atPath: folder.appending(path: "config.json").path) {
                return try TransformerDetector(folder: folder, precision: precision)
            }
            throw DetectionError.notADetector(folder: folder.path, reason: "it has no detector.json")
        }
        var fields = try OptionFields(OptionValue(jsonFile: file), path: "", source: file.path)
        let kind = try fields.require("kind", as: String.self)
        guard let entry = kinds.first(where: { $0.name == kind }) else {
            throw DetectionError.unknownKind(kind, folder: folder.path, known: names)
        }
        return try entry.load(folder, precision)
    }
}
