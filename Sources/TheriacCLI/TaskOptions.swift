internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacEvaluation

/// Zero-shot tasks, for `theriac evaluate`.
struct TaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Zero-shot tasks, separated by commas. Known: \(ZeroShotTasks.names.joined(separator: ", ")).",
            valueName: "names"))
    var tasks: String?

    @Option(
        help: ArgumentHelp(
            "The folder of public data sets, which holds zero-shot/; default: THERIAC_DATA, or ../shared/data.",
            valueName: "dir"))
    var data: String?

    /// The folder, given or not.
    var dataFolder: String { data ?? ProcessInfo.processInfo.environment["THERIAC_DATA"] ?? "../shared/data" }

    /// Asks the tasks, prints the table, and says where the results are. Does nothing without `--tasks`.
    ///
    /// - Returns: what could not be used.
    func run(
        model: String, adapter: String?, limit: Int, output: URL, machine: MachineOptions, json: Bool
    ) throws -> [String] {
        guard let tasks else { return [] }
        var request = TaskEvaluation.Request()
        request.model = model
        request.adapter = adapter
        request.tasks = tasks.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        request.data = dataFolder
        request.limit = limit
        request.precision = machine.dtype
        request.device = machine.device
        try machine.apply()
        let line = ProgressLine(quiet: machine.quiet)
        let outcome = try TaskEvaluation(request, output: output, assets: AssetFolder()).run {
            line.show($0)
        }
        line.close()
        try Terminal.out(
            json
                ? String(decoding: try Data(contentsOf: outcome.file), as: UTF8.self) + "\n"
                : outcome.table.text)
        Terminal.note("Results: \(outcome.file.path)")
        return outcome.problems
    }
}
