/// Cuts where the script changes (`UnicodeScripts`). Scalars of no script, such as blanks, go with what is
/// before them; those before the first script are left out, as in the Rust library.
struct ScriptSplit: PreTokenizer {
    func preTokenize(_ section: inout Section) {
        section.cut { bytes, piece, pieces in
            var (start, position, last) = (-1, piece.lowerBound, UInt8(0))
            while position < piece.upperBound {
                let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
                let script = Self.script(of: scalar)
                if script != 0, script != last {
                    if start >= 0 { pieces.append(start..<position) }
                    (start, last) = (position, script)
                }
                position += width
            }
            if start >= 0 { pieces.append(start..<position) }
        }
    }

    /// The number of a scalar's script; 0 when it has none of its own.
    static func script(of scalar: UInt32) -> UInt8 {
        var (low, high) = (0, runs.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].start <= scalar { low = middle } else { high = middle }
        }
        return runs[low].script
    }

    private static let runs: [(start: UInt32, script: UInt8)] = {
        var (runs, start): ([(start: UInt32, script: UInt8)], UInt32) = ([(0, 0)], 0)
        for word in ScriptRuns.text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let script = UInt8(parts[1], radix: 16) else { continue }
            runs.append((start, script))
            start += UInt32(parts[0], radix: 16) ?? 1
        }
        return runs
    }()
}
