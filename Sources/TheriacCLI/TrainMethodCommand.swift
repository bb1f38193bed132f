internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacDetox
internal import TheriacOptions

/// One subcommand for each of ``MethodTrainings``.
enum TrainMethod {
    static func command(_ training: any MethodTraining.Type) -> any ParsableCommand.Type {
        func open<Training: MethodTraining>(_: Training.Type) -> any ParsableCommand.Type {
            TrainMethodCommand<Training>.self
        }
        return open(training)
    }
}

/// `theriac train ‹name›` of what a decoding-time method needs.
struct TrainMethodCommand<Training: MethodTraining>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Training.name, abstract: Training.summary,
            discussion: """
                \(Training.discussion)

                Texts of both classes come from one place, told apart by a detector or by their labels, or from two files:

                  theriac train \(Training.name) --model theriac-lm --texts jigsaw-sample --detector steer --output DIR
                  theriac train \(Training.name) --model theriac-lm --nontoxic a.txt --toxic b.txt --output DIR
                """)
    }

    @Option(
        help: ArgumentHelp("A model folder in Hugging Face's layout, or a shipped model.", valueName: "dir"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "Gets the result; ‹output›.training holds what a resumption needs.", valueName: "dir"))
    var output: String

    @OptionGroup(title: "Texts") var texts: ClassedTextOptions

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "A setting, as name=value: training.epochs=2. Repeat it for more. Settings and defaults: \(Self.settingNames).",
            valueName: "setting"))
    var settings: [String] = []

    @OptionGroup(title: "Machine") var machine: MachineOptions

    private static var settingNames: String {
        Self.list(Training.Settings().option, path: "").joined(separator: ", ")
    }

    private static func list(_ value: OptionValue, path: String) -> [String] {
        guard case .object(let members) = value else { return ["\(path) \(value.summary)"] }
        return members.sorted { $0.key < $1.key }.flatMap {
            list($0.value, path: path.isEmpty ? $0.key : "\(path).\($0.key)")
        }
    }

    func run() throws {
        let settings = try resolved()
        let assets = try AssetFolder()
        try machine.apply()
        let line = ProgressLine(quiet: machine.quiet)
        let texts = try texts.read(assets) { line.show($0) }
        line.show(Stage("\(texts.nontoxic.count) nontoxic and \(texts.toxic.count) toxic texts"))
        let folder = URL(fileURLWithPath: output)
        let measures = try MethodMaking(assets: assets).run(
            Training.self, settings, texts: texts, model: model, precision: machine.dtype,
            device: machine.device, output: folder
        ) { line.show($0) }
        line.close()
        for (name, value) in measures.sorted(by: { $0.key < $1.key }) {
            Terminal.note(
                "\(name): \(value == value.rounded() ? "\(Int(value))" : String(format: "%.4f", value))")
        }
        try Terminal.out(folder.path + "\n")
    }

    private func resolved() throws -> Training.Settings {
        var value = OptionValue.object([:])
        for setting in settings {
            let sides = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { throw ValidationError("--set \(setting): write name=value.") }
            var nested = try OptionValue(flag: sides[1], path: sides[0])
            for name in sides[0].split(separator: ".").reversed() { nested = .object([String(name): nested]) }
            value = value.merging(nested)
        }
        return try Training.Settings(value, path: "", source: "the command line")
    }
}

/// Texts of both classes.
struct ClassedTextOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of texts, or a public data set by name. Repeat it for more.", valueName: "file"))
    var texts: [String] = []

    @Option(help: "The detector that tells the texts apart; default: their own labels.")
    var detector: String?

    @Option(help: ArgumentHelp("A file of nontoxic texts, in place of --texts.", valueName: "file"))
    var nontoxic: String?

    @Option(help: ArgumentHelp("A file of toxic texts, in place of --texts.", valueName: "file"))
    var toxic: String?

    @Option(help: "Texts with this toxicity or more are toxic.")
    var toxicFrom = 0.5

    @Option(help: "Texts with this toxicity or less are nontoxic; those between are left out.")
    var nontoxicTo = 0.1

    @Option(help: "Use only this many texts of each class, evenly spread; 0 uses all.")
    var limit = 0

    @Option(
        help: ArgumentHelp(
            "The folder with the data sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @Option(help: "Part of a data set: train, valid, test, held-out or all.")
    var part = "train"

    @Option(help: "The field or column of a file that holds the text; default: text.")
    var column: String?

    func read(_ assets: AssetFolder, _ report: (Stage) -> Void) throws -> ClassedTexts {
        guard let part = SetPart(rawValue: part) else {
            throw ValidationError(
                "--part \(part): it must be one of \(SetPart.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        var source = ClassedTextSource()
        source.part = part
        source.column = column
        source.toxicFrom = try checkedShare(toxicFrom, "--toxic-from")
        source.nontoxicTo = try checkedShare(nontoxicTo, "--nontoxic-to")
        guard nontoxicTo < toxicFrom else {
            throw ValidationError("--nontoxic-to must be below --toxic-from.")
        }
        source.limit = max(limit, 0)
        if let nontoxic, let toxic, texts.isEmpty, detector == nil {
            return try source.read(nontoxic: nontoxic, toxic: toxic)
        }
        guard !texts.isEmpty, nontoxic == nil, toxic == nil else {
            throw ValidationError("Give --texts, with or without --detector; or both --nontoxic and --toxic.")
        }
        let folder = data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data"
        return try source.read(
            texts, dataFolder: URL(fileURLWithPath: folder),
            detector: detector.map { try DetectorShelf(assets).load($0) }, report)
    }
}
