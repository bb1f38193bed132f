internal import ArgumentParser
internal import Foundation
internal import Theriac

/// The `theriac` command.
@main
struct TheriacCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "theriac",
        abstract: "Measures and removes toxicity and bias in language models.",
        discussion: """
            A first look, with what ships with the program:

              theriac run --output runs/demo                      measure, detoxify, measure again, report
              echo "What a lovely idea" | theriac score -         score a text

            Exit status: 0 all went well; 1 an error, said in a sentence; 3 done, but some lines or prompts could not
            be used (they are named on standard error); 64 the command line is wrong.
            """,
        version: Theriac.version,
        subcommands: [
            RunCommand.self, ScoreCommand.self, SpansCommand.self, GenerateCommand.self, EvaluateCommand.self,
            TrainCommand.self, DetectorsCommand.self, AttackCommand.self, AuditCommand.self,
            ServeCommand.self, FeedbackCommand.self, KeysCommand.self, PolicyCommand.self, DoctorCommand.self,
        ])
}
