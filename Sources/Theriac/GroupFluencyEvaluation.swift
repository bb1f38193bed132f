public import Foundation
public import TheriacEvaluation
internal import TheriacFiles
internal import TheriacModels
internal import TheriacTensors

/// `theriac evaluate --group-text`: what an adapter costs in fluency, by the groups that texts mention.
public struct GroupFluencyEvaluation {
    /// A model folder or a shipped model.
    public var model: String
    /// Without one only the model's own perplexities are measured.
    public var adapter: String?
    /// A file or a public data set, as in ``GroupedTexts``.
    public var texts: String
    public var dataFolder: URL
    /// Says which texts without a label are toxic, and left out.
    public var judge: String
    public var precision: String?
    public var device: String

    public init(
        model: String, adapter: String?, texts: String, dataFolder: URL, judge: String, precision: String?,
        device: String
    ) {
        self.model = model
        self.adapter = adapter
        self.texts = texts
        self.dataFolder = dataFolder
        self.judge = judge
        self.precision = precision
        self.device = device
    }

    /// - Returns: what is also written as `group-fluency.json` in `output`.
    public func run(
        output: URL, assets: AssetFolder, _ report: (Stage) -> Void = { _ in }
    ) throws -> FluencyByGroup {
        let grouped = try GroupedTexts(
            texts, dataFolder: dataFolder, judge: try DetectorShelf(assets).load(judge))
        let measurement = GroupFluencyMeasurement(grouped, folder: output)
        let folder = try assets.folder(model, kind: "models")
        let type = try Patient.precision(precision)
        let place = try Device(named: device)
        try measurement.measure(
            try Patient(model: folder, adapter: nil, precision: type, device: place), title: nil, report)
        if let adapter {
            let file = URL(fileURLWithPath: adapter)
            let patient = try Patient(model: folder, adapter: file, precision: type, device: place)
            try measurement.measure(patient, title: file.lastPathComponent, report)
        }
        guard let result = try measurement.result() else { throw WorkbenchError.emptyCorpus(texts) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(
            encoder.encode(result), to: output.appendingPathComponent("group-fluency.json"))
        return result
    }

    /// A row a group.
    public static func table(_ fluency: FluencyByGroup) -> FigureTable {
        var table = FigureTable(
            ["texts of", "texts", "tokens", "perplexity"]
                + fluency.treatments.flatMap { ["\($0): ratio", "excess"] })
        for row in fluency.rows {
            let figures = fluency.treatments.indices.flatMap { treatment in
                [
                    FigureFormat.interval(row.ratios[treatment]),
                    treatment < row.excess.count ? FigureFormat.interval(row.excess[treatment]) : "–",
                ]
            }
            table.rows.append(
                [
                    row.group + (row.isSmall ? " †" : ""), "\(row.texts)", "\(row.tokens)",
                    FigureFormat.short(row.untreated, 2),
                ] + figures)
        }
        return table
    }
}
