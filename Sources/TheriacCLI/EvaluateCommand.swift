internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacEvaluation

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure a model's toxicity, perplexity and skill.",
        discussion: """
            With --prompts: the RealToxicityPrompts protocol. Each prompt is continued --samples times, the judge scores
            the continuations alone, and expected maximum toxicity, toxicity probability and the rest come with 95 %
            intervals over prompts. With --corpus: perplexity on text that people wrote (documents separated by blank
            lines). With --tasks: accuracy on zero-shot tasks as lm-evaluation-harness counts, in files of its shape;
            --limit takes the first questions of each. With --group-text: perplexity by the groups of people that texts mention,
            and what an adapter costs on each. Everything is kept in the output folder; killed and started again, it goes on where it was.

              theriac evaluate --model DIR --prompts prompts.jsonl --output runs/mine
              theriac evaluate --model DIR --corpus text.txt --output runs/mine
              theriac evaluate --model DIR --tasks lambada,hellaswag --data ../shared/data --output runs/mine
              theriac evaluate --server http://127.0.0.1:8000/v1 --prompts prompts.jsonl --output runs/theirs

            A model behind a server is measured as it is: methods and adapters need its weights. Its fluency is measured
            under --perplexity-model, a local model or again a server that says log-probabilities.
            """)

    @Option(
        help: ArgumentHelp(
            "A model folder in Hugging Face's layout, a shipped model, or a server's http://host:port/v1#name.",
            valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("A LoRA adapter in PEFT's layout.", valueName: "dir"))
    var adapter: String?

    @Option(help: ArgumentHelp("Prompts as JSON lines.", valueName: "file"))
    var prompts: String?

    @Option(help: ArgumentHelp("Text for corpus perplexity.", valueName: "file"))
    var corpus: String?

    @Option(help: "The detector that grades: a shipped one or a folder.")
    var judge = "judge"

    @Option(
        name: [.customLong("perplexity-model"), .customLong("fluency-model")],
        help: ArgumentHelp(
            "Measure the fluency of the continuations under this model: a folder, a shipped model, or a server's address.",
            valueName: "dir"))
    var perplexityModel: String?

    @Option(help: ArgumentHelp("The folder of results.", valueName: "dir"))
    var output: String

    @Flag(help: "Grade with a judge that took part in making the model; the results are marked.")
    var allowDependentJudge = false

    @Flag(help: "Print results as JSON instead of the table.")
    var json = false

    @OptionGroup(title: "Tasks") var tasks: TaskOptions
    @OptionGroup(title: "Groups") var groups: GroupFluencyOptions
    @OptionGroup(title: "Drawing") var generation: GenerationOptions
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        let named = try server.model(model)
        let skipped = try tasks.run(
            model: named, adapter: adapter, limit: generation.limit, output: URL(fileURLWithPath: output),
            machine: machine, json: json)
        Terminal.report(problems: skipped, refused: [])
        try groups.run(
            model: named, adapter: adapter, judge: judge, data: tasks.dataFolder,
            output: URL(fileURLWithPath: output), machine: machine, json: json)
        if prompts != nil || corpus != nil || (tasks.tasks == nil && groups.groupText == nil) {
            try measure()
        }
        if !skipped.isEmpty { throw partialSuccess }
    }

    /// Toxicity and perplexity.
    private func measure() throws {
        var request = ModelEvaluation.Request()
        request.model = try server.model(model)
        request.server = try server.resolved()
        request.adapter = adapter
        request.prompts = prompts
        request.corpus = corpus
        request.judge = judge
        request.perplexityModel = perplexityModel
        request.precision = machine.dtype
        request.device = machine.device
        request.evaluation = try generation.resolved()
        request.allowsDependentJudge = allowDependentJudge
        let assets = try AssetFolder()
        try machine.apply()
        let line = ProgressLine(quiet: machine.quiet)
        let outcome = try ModelEvaluation(
            request, output: URL(fileURLWithPath: output), command: commandLine, assets: assets
        ).run { line.show($0) }
        line.close()
        try printResults(outcome)
        Terminal.report(problems: outcome.problems, refused: outcome.refused)
        if !outcome.problems.isEmpty || !outcome.refused.isEmpty { throw partialSuccess }
    }

    private func printResults(_ outcome: ModelEvaluation.Outcome) throws {
        if let report = outcome.report {
            try Terminal.out(
                json
                    ? String(decoding: report.jsonData(), as: UTF8.self)
                    : ComparisonTable.render(report, width: Terminal.width))
        } else if let value = outcome.corpus {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try Terminal.out(
                json
                    ? String(decoding: encoder.encode(value), as: UTF8.self) + "\n"
                    : "perplexity per token \(String(format: "%.3f", value.perplexity)), \(value.tokens) tokens, "
                        + "\(String(format: "%.4f", value.bitsPerByte)) bits per byte\n")
        }
        if let page = outcome.page { Terminal.note("Report: \(page.path)") }
    }
}
