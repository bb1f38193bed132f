internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacEvaluation
internal import TheriacFiles
internal import TheriacOptions

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure a model, detoxify it, measure again, and show what it cost.",
        discussion: """
            Without a recipe: the bundled demonstration. A run is a folder; killed and started again, it goes on where
            it was. At the end the folder holds results.json, report.html, and every continuation with its scores.

            A recipe says only what differs from the demonstration:

              model: path/to/model
              prompts: prompts.jsonl
              limit: 200
              arms:
                - name: base
                - name: filtered
                  decoding: [word-filter]
                - name: tuned
                  training: sgeat
            """)

    @Argument(help: "A recipe in YAML; see Documentation/recipes.md.")
    var recipe: String?

    @Option(help: ArgumentHelp("The run's folder.", valueName: "dir"))
    var output: String

    @Option(help: "Threads one operation may use; default: all cores.")
    var threads: Int?

    @Flag(help: "Show no progress.")
    var quiet = false

    @Flag(help: "Print results.json instead of the table.")
    var json = false

    func run() throws {
        let assets = try AssetFolder()
        var settings = RunRecipe()
        var source = ""
        var base = URL(fileURLWithPath: ".")
        if let recipe {
            let url = URL(fileURLWithPath: recipe)
            settings = try RunRecipe(OptionValue(yamlFile: url), path: "", source: recipe)
            source = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
            base = url.deletingLastPathComponent()
        }
        var machine = MachineOptions()
        machine.threads = threads
        try machine.apply()
        let line = ProgressLine(quiet: quiet)
        let outcome = try ComparisonRun(
            settings, source: source, relativeTo: base, output: URL(fileURLWithPath: output),
            command: commandLine,
            assets: assets
        ).run { line.show($0) }
        line.close()
        try Terminal.out(
            json
                ? String(decoding: outcome.report.jsonData(), as: UTF8.self)
                : ComparisonTable.render(outcome.report, width: Terminal.width))
        Terminal.note("Report: \(outcome.page.path)")
        Terminal.report(problems: outcome.problems, refused: outcome.refused)
        if !outcome.problems.isEmpty || !outcome.refused.isEmpty { throw partialSuccess }
    }
}
