internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacAudit
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

struct ExportFeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write feedback as a corpus of labelled texts.",
        discussion: """
            One text a line: {"id", "text", "scores": {attribute: 0...1}, "raters": {attribute: number}, "groups": [community],
            "scorer"}. Several opinions on one text become one soft label, their mean. What was rejected is left out, and so are
            flags that nobody accepted; --trust accepted leaves out suggestions that nobody accepted as well.

              theriac feedback export feedback.jsonl

            A recipe of `theriac train detector` reads it as a set, beside public ones:

              sets:
                - { name: feedback, file: feedback.jsonl, weight: 3 }
            """)

    @Argument(help: "The file to write, or - for standard output.")
    var output: String

    @Option(help: "unrejected counts suggestions that are still open too.")
    var trust = Choice(FeedbackTrust.unrejected)

    @OptionGroup var which: FeedbackOptions
    @OptionGroup var store: StoreOptions

    private struct Exported: Encodable {
        var texts: Int
        var withoutText: Int
    }

    func run() throws {
        var corpus = FeedbackCorpus()
        var filter = which.filter
        filter.trust = trust.value
        try store.open().forEachFeedback(filter) { corpus.add($0) }
        let entries = corpus.entries
        if output == "-" {
            let lines = LineOutput()
            for entry in entries { try lines.write(String(jsonLine(entry).dropLast())) }
            try lines.flush()
        } else {
            try AtomicFile.write(to: URL(fileURLWithPath: output)) { file in
                for entry in entries { try file.write(jsonLine(entry)) }
            }
            if store.json {
                try Terminal.out(jsonLine(Exported(texts: entries.count, withoutText: corpus.withoutText)))
            }
        }
        Terminal.note(
            "\(entries.count) texts"
                + (corpus.withoutText > 0
                    ? "; \(corpus.withoutText) pieces of feedback have no stored text." : "."))
    }
}

struct FeedbackThresholdsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thresholds", abstract: "From which score on each community wants texts to be flagged.",
        discussion: """
            A detector scores the texts of the feedback, and for each community the threshold is sought that reaches the goal
            on its own texts. Communities that have said little are drawn towards all together: a rate is
            (k + m·ρ) / (n + m) with the community's k of n, the common rate ρ, and m, the number of its own texts with which
            a community counts as much as all others. m is estimated from how much communities differ; --strength sets it.
            Intervals are 95 % bootstrap intervals. "Own share" is n / (n + m).

            Only accepted feedback counts; --trust unrejected adds suggestions that nobody has reviewed. --save puts the
            thresholds into the store, in place of the earlier ones: rules of a policy that say `learnt: true` then use them.

              theriac feedback thresholds --detector judge --precision 0.9
              theriac feedback thresholds --recall 0.8 --attribute insult --attribute threat --save
            """)

    @Option(help: "A shipped detector or a folder, possibly pinned.")
    var detector = "judge"

    @Option(help: "At least this share of the flagged texts shall be positive.")
    var precision: Double?

    @Option(help: "At least this share of the positive texts shall be flagged.")
    var recall: Double?

    @Option(help: "At most this share of the negative texts shall be flagged.")
    var falsePositiveRate: Double?

    @Option(
        name: .customLong("attribute"), parsing: .singleValue,
        help: ArgumentHelp("An attribute; repeat it for several.", valueName: "name"))
    var attributes = ["toxicity"]

    @Option(help: ArgumentHelp("m; default: estimated.", valueName: "texts"))
    var strength: Double?

    @Option(help: "unrejected counts suggestions that are still open too.")
    var trust = Choice(FeedbackTrust.accepted)

    @Flag(help: "Put them into the store.")
    var save = false

    @OptionGroup var which: FeedbackOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let goals = [
            try precision.map { ThresholdGoal.precision(try checkedShare($0, "--precision")) },
            try recall.map { .recall(try checkedShare($0, "--recall")) },
            try falsePositiveRate.map {
                .falsePositiveRate(try checkedShare($0, "--false-positive-rate"))
            },
        ].compactMap { $0 }
        guard let goal = goals.first, goals.count == 1 else {
            throw ValidationError("Give one of --precision, --recall and --false-positive-rate.")
        }
        let wanted = try TextOptions.attributes(attributes)
        let opened = try store.open()
        let learning = FeedbackLearning(try DetectorShelf(AssetFolder()).load(detector))
        var filter = which.filter
        filter.trust = trust.value
        let outcomes = try wanted.map {
            try learning.thresholds(goal, of: $0, in: opened, filter, strength: strength)
        }
        if store.json {
            for outcome in outcomes { try Terminal.out(jsonLine(outcome)) }
        } else {
            for outcome in outcomes {
                try Terminal.out(outcome.table.text)
                Terminal.note(
                    "\(outcome.attribute.rawValue): \(outcome.goal), scores of \(outcome.detector); m = "
                        + String(format: "%.1f", outcome.strength)
                        + (outcome.unscored > 0 ? "; \(outcome.unscored) texts could not be scored." : "."))
            }
        }
        if save {
            let rows = outcomes.flatMap(\.rows)
            try opened.replaceThresholds(rows)
            Terminal.note("Saved: \(rows.count) thresholds.")
        }
        try opened.close()
        guard outcomes.allSatisfy({ $0.global.threshold != nil }) else {
            Terminal.note("No threshold reaches a \(goal) on all feedback together.")
            throw ExitCode.failure
        }
    }
}

struct ImportFeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Store feedback from a file, such as moderators' earlier decisions.",
        discussion: """
            One JSON object a line, as `theriac feedback list --json` prints it; "text" and, for suggestions, "suggested" are
            needed: {"text": "…", "suggested": {"toxicity": 1}, "community": "Coral:https://news.example"}. What is read is new and
            open. For each line that is on the disk a line {"line", "id"} is printed, in the order of the file: when the
            program is stopped, go on behind the last of them.

              theriac feedback import decisions.jsonl > stored.jsonl
            """)

    @Argument(help: "A file of JSON lines, or - for standard input.")
    var file: String

    @OptionGroup var store: StoreOptions

    private struct Stored: Encodable {
        var line: Int
        var id: Int64
    }

    func run() throws {
        let opened = try store.open(create: true)
        let lines = try LineReader(path: file)
        var problems: [String] = []
        var count = 0
        var waiting: [(line: Int, feedback: Feedback)] = []
        func storeWaiting() throws {
            for (one, result) in zip(waiting, opened.addAll(waiting.map(\.feedback))) {
                try Terminal.out(jsonLine(Stored(line: one.line, id: try result.get())))
            }
            count += waiting.count
            waiting.removeAll(keepingCapacity: true)
        }
        while let read = try lines.withNext({ number, bytes in
            (number, Result { try Feedback(json: JSONScanner.value(in: bytes)) })
        }) {
            switch read.1 {
            case .success(let feedback): waiting.append((read.0, feedback))
            case .failure(let error): problems.append("line \(read.0): \(error)")
            }
            if waiting.count == 64 { try storeWaiting() }
        }
        try storeWaiting()
        try opened.close()
        Terminal.note("\(count) stored.")
        Terminal.report(problems: problems, refused: [])
        if !problems.isEmpty { throw partialSuccess }
    }
}
