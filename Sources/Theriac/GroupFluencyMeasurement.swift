internal import Foundation
internal import TheriacDetection
internal import TheriacEvaluation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels

/// Collects how well models predict texts of groups: the untreated one, and the treated ones as they come by.
final class GroupFluencyMeasurement {
    private let texts: GroupedTexts
    private let folder: URL
    private var untreated: [TextLikelihood] = []
    private var treated: [(title: String, likelihoods: [TextLikelihood])] = []

    /// - Parameter folder: keeps `group-likelihoods.jsonl`, in which nothing is measured twice.
    init(_ texts: GroupedTexts, folder: URL) {
        self.texts = texts
        self.folder = folder
    }

    /// - Parameter title: of the treatment; nil for the untreated model. One that is known already is not measured again.
    func measure(_ patient: Patient, title: String?, _ report: (Stage) -> Void) throws {
        guard title == nil ? untreated.isEmpty : !treated.contains(where: { $0.title == title }) else {
            return
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = try KeyedLog<TextLikelihood>(
            file: folder.appendingPathComponent("group-likelihoods.jsonl"), source: patient.fingerprint)
        let likelihood = try Likelihood(
            patient.loaded(for: "The fluency by group", needing: .logProbabilities))
        let all = texts.texts
        let values = try log.values(for: all.map { sha256(of: Data($0.utf8)) }, order: Array(all.indices)) {
            try likelihood.ofDocuments($0.map { all[$0] }).map {
                TextLikelihood(sum: $0.sum, tokens: $0.tokens)
            }
        } progress: {
            report(Stage("\(title ?? "untreated"): fluency by group", done: $0, total: all.count))
        }
        if let title { treated.append((title, values)) } else { untreated = values }
    }

    /// nil before the untreated model was measured.
    func result() throws -> FluencyByGroup? {
        guard !untreated.isEmpty else { return nil }
        return try FluencyByGroup(
            texts: texts.identity, grouping: texts.grouping, groups: texts.groups, untreated: untreated,
            treated: treated)
    }
}
