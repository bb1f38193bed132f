internal import ArgumentParser
internal import Foundation
internal import Theriac

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is found, what is missing, and what to do.",
        discussion: "Exit status 0 when everything a run needs is there, 1 otherwise.")

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup(title: "Server") var server: ServerOptions

    func run() throws {
        var findings = Doctor.examine()
        if server.server != nil {
            findings.append(
                Doctor.examine(server: try server.model(nil), settings: try server.resolved()))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for finding in findings {
            if json {
                try Terminal.out(String(decoding: encoder.encode(finding), as: UTF8.self) + "\n")
            } else {
                let mark = finding.isFound ? "found  " : finding.isNeeded ? "MISSING" : "absent "
                try Terminal.out("\(mark)  \(finding.what): \(finding.remark)\n")
            }
        }
        if findings.contains(where: { $0.isNeeded && !$0.isFound }) { throw ExitCode.failure }
    }
}
