internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacEvaluation

/// Fluency on texts about groups of people, for `theriac evaluate`.
struct GroupFluencyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Texts for perplexity by the groups of people they mention (or by their field 'groups'): a file, or a public "
                + "data set below --data. With --adapter also the ratio to the model without it.",
            valueName: "file"))
    var groupText: String?

    /// Measures and prints the table. Does nothing without `--group-text`.
    func run(
        model: String, adapter: String?, judge: String, data: String, output: URL, machine: MachineOptions,
        json: Bool
    ) throws {
        guard let groupText else { return }
        try machine.apply()
        let line = ProgressLine(quiet: machine.quiet)
        let found = try GroupFluencyEvaluation(
            model: model, adapter: adapter, texts: groupText, dataFolder: URL(fileURLWithPath: data),
            judge: judge,
            precision: machine.dtype, device: machine.device
        ).run(output: output, assets: AssetFolder()) { line.show($0) }
        line.close()
        let file = output.appendingPathComponent("group-fluency.json")
        try Terminal.out(
            json
                ? String(decoding: try Data(contentsOf: file), as: UTF8.self) + "\n"
                : GroupFluencyEvaluation.table(found).text)
        if found.rows.contains(where: \.isSmall) {
            Terminal.note("† fewer than \(FluencyByGroup.fewest) texts")
        }
    }
}
