internal import Foundation
internal import TheriacEvaluation
internal import TheriacFiles

/// `results.json` and `report.html` of a run folder.
enum ReportFiles {
    /// - Returns: the page.
    static func write(
        _ report: ComparisonReport, arms: [(name: String, prompts: [ScoredPrompt])], to folder: URL
    ) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try AtomicFile.write(report.jsonData(), to: folder.appendingPathComponent("results.json"))
        let page = folder.appendingPathComponent("report.html")
        let html = HTMLReport.render(report, samples: ReportSamples(from: arms))
        try AtomicFile.write(Data(html.utf8), to: page)
        return page
    }
}
