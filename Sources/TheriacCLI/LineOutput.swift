/// Lines to standard output, in pieces large enough to be quick.
final class LineOutput {
    private var waiting = ""

    func write(_ line: String) throws {
        waiting += line
        waiting += "\n"
        if waiting.utf8.count > 1 << 16 { try flush() }
    }

    func flush() throws {
        try Terminal.out(waiting)
        waiting = ""
    }
}
