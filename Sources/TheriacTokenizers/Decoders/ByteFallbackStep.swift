/// Turns runs of byte tokens (`<0xE4>`) into the text they spell, or U+FFFD for each byte when they spell
/// none.
struct ByteFallbackStep: DecodingStep {
    func apply(to tokens: inout [[UInt8]]) {
        var (decoded, run): ([[UInt8]], [UInt8]) = ([], [])
        func endRun() {
            if run.isEmpty { return }
            if String(validating: run, as: UTF8.self) != nil {
                decoded.append(run)
            } else {
                decoded.append(contentsOf: repeatElement([0xEF, 0xBF, 0xBD], count: run.count))
            }
            run = []
        }
        for token in tokens {
            if let byte = Self.byte(of: token) {
                run.append(byte)
            } else {
                endRun()
                decoded.append(token)
            }
        }
        endRun()
        tokens = decoded
    }

    /// The byte that a token such as `<0xE4>` stands for.
    static func byte(of token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }
}
