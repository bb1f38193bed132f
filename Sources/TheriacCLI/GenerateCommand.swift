internal import ArgumentParser
internal import Foundation
internal import Theriac

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue prompts, with any chain of decoding-time methods.",
        discussion: """
            Prompts are JSON lines with "prompt" as text or as RealToxicityPrompts' object. The output has one JSON
            object a continuation: {prompt_id, sample, text, tokens, finish}. Killed and started again with the same
            command, it goes on where it was.

              theriac generate --model theriac-lm --prompts prompts.jsonl --method word-filter --output out.jsonl
              theriac generate --model http://127.0.0.1:8000/v1#name --prompts prompts.jsonl --output out.jsonl
            """)

    @Option(
        help: ArgumentHelp(
            "A model folder in Hugging Face's layout, a shipped model, or a server's http://host:port/v1#name.",
            valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("A LoRA adapter in PEFT's layout.", valueName: "dir"))
    var adapter: String?

    @Option(help: ArgumentHelp("Prompts as JSON lines.", valueName: "file"))
    var prompts: String

    @Option(help: ArgumentHelp("Where the continuations go, as JSON lines.", valueName: "file"))
    var output: String

    @OptionGroup(title: "Drawing") var generation: GenerationOptions
    @OptionGroup(title: "Server") var server: ServerOptions
    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        let settings = try generation.resolved()
        let named = try server.model(model)
        let connection = try server.resolved()
        let assets = try AssetFolder()
        try machine.apply()
        let line = ProgressLine(quiet: machine.quiet)
        let outcome = try Writing(settings, assets: assets).run(
            model: named, adapter: adapter, prompts: URL(fileURLWithPath: prompts), precision: machine.dtype,
            device: machine.device, server: connection, output: URL(fileURLWithPath: output)
        ) { line.show($0) }
        line.close()
        Terminal.note(
            "\(outcome.continuations) continuations in \(output)"
                + (outcome.tokensPerSecond > 0
                    ? ", \(Int(outcome.tokensPerSecond)) tokens/s" : ", all of them made earlier"))
        for warning in outcome.warnings { Terminal.note("warning: \(warning)") }
        Terminal.report(problems: outcome.problems, refused: outcome.refused)
        if !outcome.problems.isEmpty || !outcome.refused.isEmpty { throw partialSuccess }
    }
}
