import Testing

@testable import TheriacTokenizers

@Suite struct ByteAlphabetTests {
    @Test func hasTheKnownStandIns() {
        let known: [(UInt8, String)] = [
            (0, "Ā"), (10, "Ċ"), (32, "Ġ"), (33, "!"), (126, "~"), (127, "ġ"), (160, "ł"), (161, "¡"),
            (173, "Ń"), (255, "ÿ"),
        ]
        for (byte, standIn) in known { #expect(ByteAlphabet.utf8(of: byte) == Array(standIn.utf8)) }
    }

    @Test func givesEachByteItsOwnStandInAndBack() {
        #expect(Set(ByteAlphabet.scalars).count == 256)
        for byte in UInt8.min...UInt8.max {
            var bytes: [UInt8] = []
            ByteAlphabet.appendBytes(of: ByteAlphabet.utf8(of: byte), to: &bytes)
            #expect(bytes == [byte])
        }
    }

    @Test(arguments: ["你好", "a b", "Ġ好", "x\u{144}", "<s>\n"])
    func leavesTokensWithOtherScalarsAsTheyAre(token: String) {
        var bytes: [UInt8] = [1]
        ByteAlphabet.appendBytes(of: Array(token.utf8), to: &bytes)
        #expect(bytes == [1] + Array(token.utf8))
    }
}
