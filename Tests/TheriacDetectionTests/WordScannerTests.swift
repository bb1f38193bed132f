import Testing

@testable import TheriacDetection

@Suite struct WordScannerTests {
    static let cases: [(text: String, words: [String])] = [
        ("", []),
        (" \n\t ,.;", []),
        ("Hello, World", ["hello", "world"]),
        ("don't DON’T 'quoted'", ["dont", "dont", "quoted"]),
        ("Äpfel NAÏVE Straße", ["apfel", "naive", "straße"]),
        ("ｆｕｌｌ 𝓼𝓬𝓻𝓲𝓹𝓽 ČESKÝ Ελλάδα ДОМ", ["full", "script", "cesky", "ελλαδα", "дом"]),
        ("h*ck h**k a$$ d@rn s!lly wow!", ["h*ck", "h**k", "ass", "darn", "silly", "wow", "!"]),
        ("**bold** *it* ***", ["bold", "it", "**"]),
        ("costs $5 or 1914 12", ["costs", "0", "or", "0000", "00"]),
        ("muuuuch goooood boooks baaaad", ["much", "good", "books", "bad"]),
        ("what?!! no?? ok?", ["what", "?", "!!", "no", "??", "ok", "?"]),
        ("@someone said @ss", ["said", "ass"]),
        ("see https://example.org/a?b=c now www.example.org/x", ["see", "https", "now", "www"]),
        ("s i l l y you", ["silly", "you"]),
        ("s.i.l.l.y", ["silly"]),
        ("a b", ["a", "b"]),
        ("a b. c I am", ["a", "b", "c", "i", "am"]),
        ("h*e*c*k *h*e*c*k*", ["heck", "heck"]),
        ("b00ks h3ll0 d4rn s1lly 5illy", ["books", "hell0", "darn", "silly", "5illy"]),
        ("mp3 2nd covid19 b2b n1234m US$5 $5m", ["mp3", "2nd", "covid19", "b2b", "n1234m", "us$5", "5m"]),
        ("H!DE Hello!Who a$$$$ $illy b@d", ["hide", "hello", "!", "who", "ass", "silly", "bad"]),
        ("go🔪now👩🏽‍🔧", ["go", "🔪", "now", "👩", "🏽", "🔧"]),
        ("soft\u{AD}hyphen zero\u{200B}width cafe\u{301}", ["softhyphen", "zerowidth", "cafe"]),
        ("日本語 かな", ["日", "本", "語", "か", "な"]),
        ("under_score-and-hyphen", ["under", "score", "and", "hyphen"]),
    ]

    @Test(arguments: cases)
    func cutsTextIntoNormalisedWords(text: String, words: [String]) {
        #expect(scannedWords(text) == words)
    }

    @Test func cutsLongWords() {
        let words = scannedWords(String(repeating: "ab", count: 100))
        #expect(words.map(\.utf8.count) == [64, 64, 64, 8])
        #expect(scannedWords(String(repeating: "語ü", count: 100)).allSatisfy { $0.utf8.count <= 64 })
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func survivesAnyText(seed: UInt64) {
        var random = TestRandom(seed: seed)
        var text = ""
        for _ in 0..<200 {
            let limit: UInt32 = [0x80, 0x300, 0x3000, 0x1FFFF][Int.random(in: 0..<4, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        for word in scannedWords(text) { #expect((1...WordLimits.longestWord).contains(word.utf8.count)) }
        // Words depend neither on case nor on a separator more.
        let padded =
            "  " + text.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "\n") + "\n"
        #expect(scannedWords(padded) == scannedWords(text))
    }
}
