internal import Foundation
internal import Theriac

/// Standard error, for everything that is not a result.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    static func out(_ text: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// Columns of standard output; 100 when it is no terminal.
    static var width: Int {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
        else {
            return 100
        }
        return Int(size.ws_col)
    }

    /// Names what could not be used; the caller then exits with status 3.
    static func report(problems: [String], refused: [(id: String, reason: String)]) {
        let shown = 20
        for problem in problems.prefix(shown) { note("skipped: \(problem)") }
        for prompt in refused.prefix(shown) { note("skipped: prompt \(prompt.id): \(prompt.reason)") }
        let more = max(0, problems.count - shown) + max(0, refused.count - shown)
        if more > 0 { note("… and \(more) more") }
    }
}

/// A line that shows how far a job is: redrawn in place on a terminal, a few plain lines otherwise.
final class ProgressLine {
    private var stage = ""
    private var started = Date()
    private var last = Date.distantPast
    private var isOpen = false
    private let isQuiet: Bool

    init(quiet: Bool) { isQuiet = quiet }

    func show(_ progress: Stage) {
        guard !isQuiet else { return }
        let isNew = progress.name != stage
        if isNew {
            close()
            stage = progress.name
            started = Date()
            last = .distantPast
        }
        let isDone = progress.total > 0 && progress.done >= progress.total
        let interval = Terminal.isInteractive ? 0.1 : 10
        guard isNew || isDone || Date().timeIntervalSince(last) >= interval else { return }
        last = Date()
        let text = line(progress)
        if Terminal.isInteractive {
            FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
            isOpen = true
            if isDone { close() }
        } else {
            Terminal.note(text)
        }
        if isDone { stage = "" }
    }

    /// Ends the line, before something else is printed.
    func close() {
        if isOpen { FileHandle.standardError.write(Data("\n".utf8)) }
        isOpen = false
    }

    private func line(_ progress: Stage) -> String {
        guard progress.total > 0 else { return progress.name }
        let share = Double(progress.done) / Double(progress.total)
        let width = 20
        let filled = Int((share * Double(width)).rounded(.down))
        let bar =
            String(repeating: "█", count: filled) + String(repeating: "░", count: max(0, width - filled))
        var text = "\(progress.name) \(bar) \(progress.done)/\(progress.total)"
        if !progress.remark.isEmpty { text += " · \(progress.remark)" }
        let elapsed = Date().timeIntervalSince(started)
        if share > 0, share < 1, elapsed > 2 { text += " · \(duration(elapsed / share - elapsed)) left" }
        return text
    }

    private func duration(_ seconds: Double) -> String {
        seconds < 90
            ? "\(Int(seconds)) s" : seconds < 5400 ? "\(Int(seconds / 60)) min" : "\(Int(seconds / 3600)) h"
    }
}
