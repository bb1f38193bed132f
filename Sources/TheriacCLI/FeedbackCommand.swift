internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacAudit

struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback",
        abstract: "Review what people told the server, and learn from it.",
        discussion: """
            The store keeps two kinds of feedback: suggestions, the scores a person would give a text
            (comments:suggestscore, with `theriac serve --store FILE`), and flags, users' reports of comments and answers. Each is open until a reviewer
            accepts or rejects it.

              theriac feedback list --status open             what waits for a reviewer
              theriac feedback review 12 13 --as accepted     decide
              theriac feedback export feedback.jsonl          a corpus that `theriac train detector` reads:
                                                                sets: [{ name: feedback, file: feedback.jsonl }]
              theriac feedback thresholds --precision 0.9     where each community wants texts to be flagged
              theriac feedback purge --older-than 90d         forget old decisions

            All of it works while the server runs.
            """,
        subcommands: [
            ListFeedbackCommand.self, ReviewFeedbackCommand.self, ExportFeedbackCommand.self,
            FeedbackThresholdsCommand.self, ImportFeedbackCommand.self, PurgeCommand.self,
        ])
}

struct ListFeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Feedback, the newest first.",
        discussion: """
            --json has everything that is stored; the table shortens texts.

              theriac feedback list --status open --kind flag
              theriac feedback list --community "Coral:https://news.example" --newer-than 7d --json
            """)

    @Option(help: "Only feedback in this state.")
    var status: Choice<Feedback.Status>?

    @Option(help: "At most this many.")
    var limit = 50

    @OptionGroup var which: FeedbackOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try store.open()
        var filter = which.filter
        filter.status = status?.value
        let found = try opened.feedback(filter, limit: limit)
        if store.json { return try Terminal.out(found.map { try jsonLine($0) }.joined()) }
        var table = FigureTable(
            ["Number", "Kind", "Time", "Status", "Community", "Scores", "Reason or text"], wordColumns: 7)
        table.rows = found.map { one in
            [
                "\(one.id)", one.kind.rawValue, one.time.formatted(.iso8601), one.status.rawValue,
                Self.short(one.community ?? "–", 30),
                one.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
                Self.short([one.reason, one.text].compactMap { $0 }.joined(separator: ": "), 60),
            ]
        }
        try Terminal.out(table.text)
        let counts = try opened.feedbackCounts().map {
            "\($0.count) \($0.status.rawValue) \($0.kind.rawValue)s"
        }
        Terminal.note(
            counts.isEmpty ? "The store has no feedback." : "In the store: \(counts.joined(separator: ", "))."
        )
    }

    /// On one line, without what would steer the terminal.
    private static func short(_ text: String, _ length: Int) -> String {
        let line = String(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        return line.count > length ? line.prefix(length - 1) + "…" : line
    }
}

struct ReviewFeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Accept or reject feedback.",
        discussion: """
            Name feedback by its numbers, or take all open feedback of a community, a key or a kind with --all-open: for
            communities whose moderators are trusted.

              theriac feedback review 12 13 --as accepted
              theriac feedback review 14 --as rejected --note "quoted, not said"
              theriac feedback review --all-open --community "Coral:https://news.example" --as accepted
            """)

    @Argument(help: "Numbers, as `theriac feedback list` shows them.")
    var numbers: [Int64] = []

    @Option(name: .customLong("as"), help: ArgumentHelp("What it is to be.", valueName: "status"))
    var status: Choice<Feedback.Status>

    @Option(help: "Why, for later readers.")
    var note: String?

    @Option(help: "Who decides; default: the name of the user.")
    var reviewer: String?

    @Flag(help: "All that is open and fits the other options.")
    var allOpen = false

    @OptionGroup var which: FeedbackOptions
    @OptionGroup var store: StoreOptions

    private struct Reviewed: Encodable {
        var reviewed: Int
        var status: Feedback.Status
    }

    func run() throws {
        guard numbers.isEmpty == allOpen else {
            throw ValidationError("Give either numbers or --all-open.")
        }
        let opened = try store.open()
        let name = reviewer ?? NSUserName()
        var count = numbers.count
        if allOpen {
            var filter = which.filter
            filter.status = .open
            count = try opened.review(filter, as: status.value, reviewer: name, note: note)
        } else {
            try opened.review(numbers, as: status.value, reviewer: name, note: note)
        }
        if store.json { try Terminal.out(jsonLine(Reviewed(reviewed: count, status: status.value))) }
        Terminal.note("\(count) set to \(status.value.rawValue).")
        try opened.close()
    }
}

struct PurgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Forget what is older than a given age.",
        discussion: """
            Decisions go; feedback stays unless --feedback is given, whatever its status. What is deleted is overwritten in
            the file.

              theriac feedback purge --older-than 90d
              theriac feedback purge --older-than 52w --feedback
            """)

    @Option(help: ArgumentHelp("An age: 30m, 12h, 90d or 52w.", valueName: "age"))
    var olderThan: Age

    @Flag(help: "Forget feedback of that age too.")
    var feedback = false

    @OptionGroup var store: StoreOptions

    private struct Purged: Encodable {
        var decisions: Int
        var feedback: Int
    }

    func run() throws {
        let opened = try store.open()
        let start = olderThan.start
        let purged = Purged(
            decisions: try opened.purgeDecisions(olderThan: start),
            feedback: feedback ? try opened.purgeFeedback(olderThan: start) : 0)
        if store.json { try Terminal.out(jsonLine(purged)) }
        Terminal.note("Deleted: \(purged.decisions) decisions, \(purged.feedback) pieces of feedback.")
        try opened.close()
    }
}
