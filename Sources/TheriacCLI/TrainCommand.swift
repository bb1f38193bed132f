internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacOptions
internal import TheriacTraining

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train language models, detectors, and what decoding-time methods need.",
        subcommands: [TrainLanguageModelCommand.self, TrainDetectorCommand.self]
            + MethodTrainings.all.map { TrainMethod.command($0) })
}

struct TrainLanguageModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Train a language model: from scratch, all weights, or a LoRA adapter.",
        discussion: """
            The recipe names the model, the text and the settings; Recipes/train-lm.yaml makes the shipped model. Killed
            at any moment and started again with the same command, training goes on from its last checkpoint and reaches
            the same weights. training.jsonl has the loss of every step.
            """)

    @Option(help: ArgumentHelp("A recipe in YAML; see Documentation/recipes.md.", valueName: "file"))
    var recipe: String

    @Option(help: ArgumentHelp("Gets model/ or adapter/, checkpoints and training.jsonl.", valueName: "dir"))
    var output: String

    @Option(help: "Stop, with a checkpoint, after this many steps; the same command then goes on.")
    var stopAfter: Int?

    @Option(help: "Threads one operation may use; default: all cores.")
    var threads: Int?

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() throws {
        let url = URL(fileURLWithPath: recipe)
        let settings = try LanguageModelRecipe(OptionValue(yamlFile: url), path: "", source: recipe)
        var machine = MachineOptions()
        machine.threads = threads
        try machine.apply()
        let line = ProgressLine(quiet: quiet)
        let training = LanguageModelTraining(
            settings, relativeTo: url.deletingLastPathComponent(), output: URL(fileURLWithPath: output))
        let made = try training.run(limit: stopAfter) {
            line.show(Stage($0))
        } progress: {
            line.show(
                Stage(
                    "training", done: $0.step, total: $0.total,
                    remark: "loss \(String(format: "%.3f", $0.loss)) · \(Int($0.tokensPerSecond)) tokens/s"))
        }
        line.close()
        try Terminal.out(made.path + "\n")
    }
}

struct TrainDetectorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detector",
        abstract: "Train a detector on labelled sets: linear, or a transformer.",
        discussion: """
            The recipe names the kind, the sets and their weights; Recipes/train-steer.yaml and Recipes/train-judge.yaml
            make the shipped ones. Sets are read from the data folder in their published forms; nothing is downloaded.
            The training of a transformer, killed at any moment and started again with the same command, goes on from
            its last checkpoint, which lies in ‹output›.training until the end, beside training.jsonl with the loss of
            every step.
            """)

    @Option(help: ArgumentHelp("A recipe in YAML; see Documentation/recipes.md.", valueName: "file"))
    var recipe: String

    @Option(help: ArgumentHelp("The detector's folder.", valueName: "dir"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "The folder with the labelled sets; default: THERIAC_DATA, or ../shared/data.", valueName: "dir"))
    var data: String?

    @Option(
        help: "Stop, with a checkpoint, after this many steps (transformers); the same command then goes on.")
    var stopAfter: Int?

    @Option(help: "Threads one operation may use (transformers); default: all cores.")
    var threads: Int?

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() throws {
        let settings = try DetectorRecipe(
            OptionValue(yamlFile: URL(fileURLWithPath: recipe)), path: "", source: recipe)
        let folder = data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data"
        if settings.usesTensors {
            var machine = MachineOptions()
            machine.threads = threads
            try machine.apply()
        }
        let line = ProgressLine(quiet: quiet)
        let report = try DetectorTraining.run(
            recipe: settings, dataFolder: URL(fileURLWithPath: folder), output: URL(fileURLWithPath: output),
            stopAfter: stopAfter
        ) { line.show(Stage($0.stage, done: $0.done, total: $0.total, remark: $0.remark)) }
        line.close()
        if let report { try Terminal.out("\(report.detector)\n") }
    }
}
