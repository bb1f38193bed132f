internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacDetox
internal import TheriacGeneration
internal import TheriacOptions
internal import TheriacTensors

/// Where and how fast to compute.
struct MachineOptions: ParsableArguments {
    @Option(help: "fp32, bf16 or fp16; default: as the model is stored.")
    var dtype: String?

    @Option(help: "cpu, cuda, cuda:1, or auto: a GPU when there is one.")
    var device = "cpu"

    @Option(help: "Threads one operation may use; default: all cores.")
    var threads: Int?

    @Flag(help: "Show no progress.")
    var quiet = false

    func apply() throws {
        try Torch.open()
        if let threads {
            guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
            try Torch.setThreads(threads)
        } else {
            try Torch.setThreads(ProcessInfo.processInfo.activeProcessorCount)
        }
    }
}

/// How continuations are drawn, and through which methods.
struct GenerationOptions: ParsableArguments {
    @Option(help: "Continuations of each prompt.")
    var samples = 25

    @Option(help: "Longest continuation, in tokens.")
    var maxNewTokens = 20

    @Option(help: "Keep the smallest set of tokens whose probability exceeds this.")
    var topP = 0.9

    @Option(help: "Keep this many of the likeliest tokens; 0 keeps all.")
    var topK = 0

    @Option(help: "Divides the logits before drawing.")
    var temperature = 1.0

    @Flag(help: "Always take the likeliest token.")
    var greedy = false

    @Option(help: "The same seed gives the same continuations.")
    var seed: Int = 1

    @Option(help: "Rows computed together: more is faster and needs more memory.")
    var batchRows = GenerationSettings().batchRows

    @Option(
        help: "Gigabytes for caches and logits; fewer rows are computed together when they would need more.")
    var memory = 4.0

    @Option(
        name: .customLong("method"), parsing: .singleValue,
        help: ArgumentHelp(
            "A decoding-time method; repeat it for a chain. Known: \(DecodingMethods.all.map { $0.card.name }.joined(separator: ", ")).",
            valueName: "name"))
    var methods: [String] = []

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "A setting of a method, as method.name=value: word-filter.words=my-list.txt.",
            valueName: "setting"))
    var settings: [String] = []

    @Option(help: "Use only this many prompts, evenly spread over the file; 0 uses all.")
    var limit = 0

    /// The same checks, with the same sentences, as a recipe's.
    func resolved() throws -> EvaluationSettings {
        var values: [String: OptionValue] = [
            "samples": .integer(samples), "max-new-tokens": .integer(maxNewTokens), "top-p": .number(topP),
            "top-k": .integer(topK), "temperature": .number(temperature), "greedy": .bool(greedy),
            "seed": .integer(seed), "batch-rows": .integer(batchRows),
            "memory": .number(memory), "limit": .integer(limit),
        ]
        values["chain"] = try .chain(methods, settings: settings)
        return try EvaluationSettings(.object(values), path: "", source: "the command line")
    }
}

extension OptionValue {
    /// A chain of methods as flags say it.
    ///
    /// - Parameters:
    ///   - methods: names, in order.
    ///   - settings: `method.name=value` each.
    static func chain(_ methods: [String], settings: [String]) throws -> OptionValue {
        var chain: [String: [String: OptionValue]] = [:]
        for setting in settings {
            let sides = setting.split(separator: "=", maxSplits: 1).map(String.init)
            let path = sides[0].split(separator: ".", maxSplits: 1).map(String.init)
            guard sides.count == 2, path.count == 2, methods.contains(path[0]) else {
                throw ValidationError(
                    "--set \(setting): write method.name=value, with a method that --method names.")
            }
            chain[path[0], default: [:]][path[1]] = try OptionValue(flag: sides[1], path: sides[0])
        }
        return .list(
            methods.map { .object(["method": OptionValue.string($0)].merging(chain[$0] ?? [:]) { $1 }) })
    }
}

/// Exit status of a command that did its work but could not use every line.
let partialSuccess = ExitCode(3)

/// The command line as it was given, for reports.
var commandLine: String {
    (["theriac"] + CommandLine.arguments.dropFirst()).map { word in
        word.contains(where: { " \"'$".contains($0) }) ? "'\(word)'" : word
    }.joined(separator: " ")
}
