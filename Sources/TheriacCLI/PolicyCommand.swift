internal import ArgumentParser
internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacOptions

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Explain and test what the server does with unsafe texts.",
        discussion: """
            A policy is a YAML file that says, by attribute and threshold, what is done with what users write (input) and
            with what the model writes (output): pass, flag, resample, rewrite, safe-reply or refuse. The first rule that
            applies is followed. Keys and communities can have rules of their own. Its tests stand in the file itself:

              tests:
                - { stage: input, scores: { threat: 0.95 }, expect: refuse }
                - { stage: output, text: "What a lovely idea", expect: pass }

            Examples/policy.yaml is one to start from.

              theriac policy show Examples/policy.yaml
              theriac policy test Examples/policy.yaml
            """,
        subcommands: [TestPolicyCommand.self, ShowPolicyCommand.self])
}

struct TestPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run the tests in a policy's file.",
        discussion: """
            Texts are scored by the detector that the test or the policy names. Rules that no test reaches are named. Exit
            status: 0 every test passed; 1 one failed, or there is none.
            """)

    @Argument(help: "The policy's YAML file.")
    var file: String

    @Flag(help: "Print JSON, one object a test.")
    var json = false

    private struct Line: Encodable {
        var name: String
        var stage: PolicyStage
        var expected: PolicyAction
        var found: PolicyAction?
        var reason: String?
        var failure: String?
    }

    func run() throws {
        let url = URL(fileURLWithPath: file)
        let policy = try Policy(file: url)
        guard !policy.tests.isEmpty else {
            Terminal.note("\(file) has no tests. Add some under 'tests:'; see theriac policy --help.")
            throw ExitCode.failure
        }
        let run = try policy.runTests { name, texts in
            try DetectorShelf(AssetFolder()).load(name, relativeTo: url.deletingLastPathComponent()).verdicts(
                for: texts)
        }
        var table = FigureTable(["", "Test", "Stage", "Expected", "Found", "Why"], wordColumns: 6)
        for outcome in run.outcomes {
            if json {
                let line = Line(
                    name: outcome.test.title, stage: outcome.test.stage, expected: outcome.test.expected,
                    found: outcome.decision?.action, reason: outcome.decision?.reason,
                    failure: outcome.failure)
                try Terminal.out(jsonLine(line))
            }
            table.rows.append([
                outcome.failure == nil ? "ok" : "FAILED", outcome.test.title, outcome.test.stage.rawValue,
                outcome.test.expected.rawValue, outcome.decision?.action.rawValue ?? "–",
                outcome.decision?.reason ?? outcome.failure ?? "",
            ])
        }
        if !json { try Terminal.out(table.text) }
        for outcome in run.outcomes {
            if let failure = outcome.failure { Terminal.note("FAILED \(outcome.test.title): \(failure)") }
        }
        if !run.unreached.isEmpty {
            Terminal.note("No test reaches \(run.unreached.joined(separator: ", ")).")
        }
        Terminal.note("\(run.outcomes.count - run.failures) of \(run.outcomes.count) tests passed.")
        if run.failures > 0 { throw ExitCode.failure }
    }
}

struct ShowPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "A policy in plain sentences.",
        discussion: "The file is checked on the way. --json prints it as JSON.")

    @Argument(help: "The policy's YAML file.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let document = try OptionValue(yamlFile: URL(fileURLWithPath: file))
        let policy = try Policy(document, source: file)
        try Terminal.out(
            json ? String(decoding: document.jsonData, as: UTF8.self) + "\n" : policy.explanation)
        let missing = try policy.detector.map { name in
            let detector = try DetectorShelf(AssetFolder()).load(
                name, relativeTo: URL(fileURLWithPath: file).deletingLastPathComponent())
            return policy.attributes(missingFrom: detector)
        }
        if let missing, !missing.isEmpty {
            Terminal.note(
                "The detector does not score \(missing.map(\.rawValue).joined(separator: ", ")): rules that ask for it "
                    + "never apply.")
        }
    }
}
