public import Foundation
internal import TheriacFiles
public import TheriacModels
public import TheriacOptions
internal import TheriacTensors

/// How what a decoding-time method needs is made from texts of both classes: `theriac train ‹name›`.
public protocol MethodTraining: SendableMetatype {
    associatedtype Settings: Options
    /// In kebab-case; also ``AdapterOrigin/method``.
    static var name: String { get }
    /// One sentence, for help.
    static var summary: String { get }
    /// What it does and what to know, for help.
    static var discussion: String { get }
    /// Makes it. A run that was killed at any moment goes on from what it left in the job's work folder.
    ///
    /// - Returns: what was measured, by name.
    static func make(_ job: MethodTrainingJob<Settings>) throws -> [String: Double]
}

/// Every training of what decoding-time methods need. One line each.
public enum MethodTrainings {
    public static let all: [any MethodTraining.Type] = [
        VocabularyShiftTraining.self, ControlTokenTraining.self, DiscriminatorTraining.self,
        NeighbourTraining.self,
    ]
}

/// What a ``MethodTraining`` works with.
public struct MethodTrainingJob<Settings: Options> {
    public let settings: Settings
    public let texts: ClassedTexts
    /// The frozen model; nothing else holds it.
    public let loaded: LoadedModel
    /// Hash of model, texts, labeller and settings.
    public let identity: String
    /// For what a resumption needs; removed at the end.
    public let work: URL
    let output: URL
    let origin: AdapterOrigin
    public let progress: (MethodTrainingProgress) -> Void

    /// Fills the folder that is made, whole or not at all, and says in it where it comes from.
    func write(_ body: (URL) throws -> Void) throws {
        try AtomicFile.replaceFolder(at: output) { folder in
            try body(folder)
            try origin.write(to: folder)
        }
    }

    func report(_ stage: String, _ done: Int, _ total: Int, remark: String = "") {
        progress(MethodTrainingProgress(stage: stage, done: done, total: total, remark: remark))
    }
}

/// How far a training is.
public struct MethodTrainingProgress: Sendable, Equatable {
    public var stage: String
    public var done: Int
    public var total: Int
    public var remark: String
}

extension MethodTraining {
    /// Makes the folder `output`, unless the same settings have made it before.
    ///
    /// - Parameters:
    ///   - model: loaded for this training alone; it may end up with an adapter attached.
    ///   - output: gets the result and `theriac.json`; beside it stands `‹output›.training` until the end.
    /// - Returns: what was measured; empty when nothing was left to do.
    public static func run(
        _ settings: Settings, texts: ClassedTexts, model loaded: LoadedModel, output: URL,
        progress: @escaping (MethodTrainingProgress) -> Void = { _ in }
    ) throws -> [String: Double] {
        guard !texts.nontoxic.isEmpty, !texts.toxic.isEmpty else { throw MethodTrainingError.oneClassOnly }
        let json = String(decoding: try settings.option.jsonData, as: UTF8.self)
        let labeller = texts.labeller.map { "\($0)" } ?? ""
        let identity = sha256(of: Data("\(name) \(loaded.hash) \(texts.hash) \(labeller) \(json)".utf8))
        if let found = try? AdapterOrigin(folder: output) {
            if found.identity == identity { return [:] }
            throw MethodTrainingError.otherRun(output.path)
        }
        let work = output.appendingPathExtension("training")
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let origin = AdapterOrigin(
            identity: identity, method: name, steer: texts.labeller, model: loaded.hash)
        let measures = try make(
            MethodTrainingJob(
                settings: settings, texts: texts, loaded: loaded, identity: identity, work: work,
                output: output, origin: origin, progress: progress))
        try? FileManager.default.removeItem(at: work)
        return measures
    }
}

public enum MethodTrainingError: Error, Equatable, CustomStringConvertible {
    case oneClassOnly
    case otherRun(String)
    case noTokens(ToxicityClass)

    public var description: String {
        switch self {
        case .oneClassOnly:
            "Texts of both classes are needed, and there are none of one. Give more texts, or other thresholds."
        case .otherRun(let folder):
            "\(folder) was made from another model, other texts or other settings. Choose another --output, or remove it."
        case .noTokens(let kind):
            "The \(kind.rawValue) texts are too short to learn from: not one has two tokens."
        }
    }
}
