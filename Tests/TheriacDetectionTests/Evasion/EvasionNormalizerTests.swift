import Foundation
import Testing
import TheriacTesting

@testable import TheriacDetection

@Suite struct EvasionNormalizerTests {
    private static let normalizer = Result { try EvasionNormalizer(vocabulary: EvasionFixture.shipped()) }

    private func plain(_ text: String) throws -> String { try Self.normalizer.get().normalized(text).text }

    /// Each with the plain text that it hides.
    static let disguised: [(String, String)] = [
        // Leetspeak.
        ("you are a sh1t", "you are a shit"), ("a$$hole", "asshole"), ("@ss", "ass"), ("a$$", "ass"),
        ("fu(k", "fuck"),
        ("an 1d10t", "an idiot"), ("N1GG3R", "NIGGER"), ("pe0ple", "people"), ("bu11$h1t", "bullshit"),
        ("m0r0n!", "moron!"),
        // Letters that look like others.
        ("sIut", "slut"), ("fvck", "fuck"), ("bitchez", "bitches"), ("azz", "ass"),
        // Other scripts and forms.
        ("fuсk", "fuck"), ("ѕhit", "shit"), ("ｆｕｃｋ", "fuck"), ("𝐟𝐮𝐜𝐤", "fuck"), ("ⓕⓤⓒⓚ", "fuck"),
        ("🅵🆄🅲🅺", "FUCK"),
        ("a реорle person", "a people person"), ("fück", "fuck"), ("ѕh1t", "shit"), ("ꜰᴜᴄᴋ", "fuck"),
        // Invisible characters and marks.
        ("f\u{200B}u\u{200D}ck", "fuck"), ("s\u{AD}h\u{AD}it", "shit"), ("sh\u{E0061}it", "shit"),
        ("f\u{2060}uck", "fuck"),
        ("f\u{338}\u{321}u\u{336}\u{322}ck", "fuck"), ("s\u{300}\u{301}\u{302}\u{303}hit", "shit"),
        ("\u{202E}toidi na era uoy\u{202C}", "you are an idiot"),
        // Spelled out and cut.
        ("f u c k", "fuck"), ("f.u.c.k", "fuck"), ("s-h-i-t", "shit"), ("i d i o t !", "idiot !"),
        ("so f u c k e d, man", "so fucked, man"),
        ("fu ck", "fuck"), ("c o c k t a i l s", "cocktails"), ("s h i t h a p p e n s", "shit happens"),
        ("bas-tard", "bastard"), ("m o r o n  you", "moron  you"), ("f*u*c*k", "fuck"),
        // Repeated.
        ("fuuuuck", "fuck"), ("assssholeeee", "asshole"), ("biiiitch", "bitch"), ("SHIIIIT", "SHIT"),
        // Stars.
        ("f**k", "fuck"), ("b*tch", "bitch"), ("\"f***ing\"", "\"fucking\""), ("f***", "fuck"),
        ("sh#t", "shit"), ("f@ck", "fuck"),
        ("motherf**ker", "motherfucker"), ("B*TCHES", "BITCHES"),
        // Order and slips.
        ("fcuk", "fuck"), ("bicth", "bitch"), ("retarted retrad", "retarted retard"), ("stuipd", "stupid"),
        ("asshoel", "asshole"),
        ("kcuf", "fuck"), ("Fuckign", "Fuckign"),
        // Several at once.
        ("f.u.с.k", "fuck"), ("fuuu**ck", "fuuu**ck"), ("SH1T's", "SHIT's"), ("dumb/sh1t", "dumb/shit"),
    ]

    @Test(arguments: disguised)
    func undoes(disguise: String, expected: String) throws {
        #expect(try plain(disguise) == expected)
    }

    static let innocent = [
        "Café Zoë naïve résumé Brontë señor Müller Ångström", "Cafe\u{301} Zoe\u{308}",
        "C3PO and R2D2 met at 3pm",
        "the 1st, 2nd, 3rd and 4th of 10", "U.S.A., U.K. and e.g. N.A.T.O.", "A B C D E F G",
        "A. B. C. 1. 2. 3.", "vitamin B 12",
        "$100, €5.50, £3, US$5, 10% off", "3.5kg of 10mm at 20°C, 10µm, 5kΩ, μm, Δt",
        "mp3 mp4 h264 b2b x86 i18n k8s IPv6 covid19",
        "http://example.com/sh1t www.fu-ck.org fuck.com/a$$", "me@shit.com", "@user1 @sh1thead",
        "#sh1t #fvck",
        "f(x) = a*b + c**2; x_1 == y[0]", "for (int i = 0; i < n; i++) { a[i] *= 2; }", "a::b() -> c",
        "`sh1t`;",
        "Привет мир, это хорошо", "рот сор нос кот", "Ελλάδα και Κύπρος", "東京タワー", "한국어 텍스트", "שלום עולם",
        "مرحبا بالعالم", "हिन्दी में",
        "👩‍👩‍👧 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇺🇸 🇨🇦 ❤️", "class glass assess Scunthorpe cocktail shiitake Essex", "s h i t a k e",
        "Dick Smith and Cnut the Great", "rock 'n' roll, y'all, don't, o'clock", "*word* **bold** _it_ ~no~",
        "well-known, co-operate, T-shirt, x-ray",
        "Tucker Whorl Bitcher Fagg Fuchs Kuntz", "A55 road, F-4G, B-17, S55", "CH3CH2OH H2SO4 NaCl",
        "soooo good, yesss, nooo, hmmm", "x² + y³ = z½",
        "co\u{AD}op\u{AD}er\u{AD}ate", "می\u{200C}خواهم", "क्\u{200D}ष", "ﬁnd ﬂow", "1,000,000 or 10^6",
        "12:30 - 14:00, 2024-01-02",
        "A$AP Rocky, Ke$ha, P!nk", "the hit s on", "a muslim and pak is here", "he shies away",
        "love løve Editør", "kunt u mij helpen", "", " \n\t ", "!!! ??? ...", "a", "I",
    ]

    @Test(arguments: innocent)
    func leavesAlone(text: String) throws {
        let normalized = try Self.normalizer.get().normalized(text)
        #expect(normalized.text == text)
        #expect(!normalized.isChanged)
    }

    @Test func alignmentLeadsBack() throws {
        let normalized = try Self.normalizer.get().normalized("Zoë: f.u.c.k the f***ing sh\u{200B}1t, ok")
        #expect(normalized.text == "Zoë: fuck the fucking shit, ok")
        // f.u.c.k letter by letter, from first to last letter of the original.
        #expect(normalized.alignment.original(5..<9) == 5..<12)
        #expect(normalized.alignment.original(6..<7) == 7..<8)
        #expect(normalized.alignment.original(14..<21) == 17..<24)
        // The invisible character belongs to the word.
        #expect(normalized.alignment.original(22..<26) == 25..<30)
        #expect(normalized.alignment.original(28..<30) == 32..<34)
        #expect(normalized.alignment.original(0..<5) == 0..<5)
    }

    /// Texts of pieces that disguises are made of.
    private func randomText(_ random: inout TestRandom) -> String {
        let pieces = [
            "f", "u", "c", "k", "s", "h", "i", "t", "1", "0", "$", "@", "*", "**", ".", "-", " ", "  ", "\n",
            "fuck", "shit", "idiot",
            "the", "you", "\u{200B}", "\u{AD}", "\u{338}", "\u{301}", "с", "и", "ж", "𝐟", "ｕ", "é", "🙂", "中",
            "\u{202E}", "\u{202C}", "'", "_", "/",
            "A", "B", "I", "ѕ", "!", "(", "\t", "bi", "tch", "as", "sho", "le", "#", "www.", "://",
            "\u{E0061}", "🇺", "🇸",
        ]
        return (0..<Int.random(in: 1...24, using: &random)).map { _ in
            pieces.randomElement(using: &random) ?? ""
        }.joined()
    }

    @Test func normalisingTwiceIsNormalisingOnce() throws {
        let normalizer = try Self.normalizer.get()
        var random = TestRandom(seed: 1)
        for _ in 0..<4000 {
            let text = randomText(&random)
            let once = normalizer.normalized(text)
            #expect(normalizer.normalized(once.text).text == once.text, "\(text.debugDescription)")
        }
    }

    @Test func alignmentIsMonotoneAndInRange() throws {
        let normalizer = try Self.normalizer.get()
        var random = TestRandom(seed: 2)
        var changed = 0
        for _ in 0..<4000 {
            let text = randomText(&random)
            let normalized = normalizer.normalized(text)
            if normalized.isChanged { changed += 1 } else { #expect(normalized.text == text) }
            let count = text.unicodeScalars.count
            var last = 0..<0
            for scalar in 0..<normalized.text.unicodeScalars.count {
                let source = normalized.alignment.original(scalar..<(scalar + 1))
                #expect(source.lowerBound >= last.lowerBound && source.upperBound >= last.upperBound)
                #expect(source.upperBound <= count && !source.isEmpty)
                last = source
            }
        }
        #expect(changed > 300)
    }

    @Test func anyScalarsAreRead() throws {
        let normalizer = try Self.normalizer.get()
        var random = TestRandom(seed: 3)
        for _ in 0..<500 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let top: UInt32 =
                    [0x80, 0x600, 0x3000, 0x1_0000, 0x10_FFFF].randomElement(using: &random) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...top, using: &random)) {
                    text.append(scalar)
                }
            }
            let once = normalizer.normalized(String(text)).text
            #expect(normalizer.normalized(once).text == once)
        }
    }

    /// Shapes that would show work growing faster than the text: ten times the text may take at most 40 times as long.
    @Test(arguments: ["f ", "f.", "fuck", "f\u{301}", "sh1t ", "*", "a b ", "\u{202E}a", "с", "1"])
    func workIsLinear(piece: String) throws {
        let normalizer = try Self.normalizer.get()
        func seconds(_ count: Int) -> Double {
            let text = String(repeating: piece, count: count)
            let start = clock()
            _ = normalizer.normalized(text)
            return Double(clock() - start) / Double(CLOCKS_PER_SEC)
        }
        _ = seconds(1000)
        let short = max(seconds(2000), 0.005)
        #expect(seconds(20_000) < 40 * short)
    }

    @Test(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason))
    func tenMegabytesInBoundedTime() throws {
        let normalizer = try Self.normalizer.get()
        for piece in ["f u c k ", "f.u.c.k.", "The quick brown fox. ", "sh1t", "f\u{301}\u{301}\u{301}", "и"]
        {
            let text = String(repeating: piece, count: 10_000_000 / piece.utf8.count)
            let start = clock()
            _ = normalizer.normalized(text)
            #expect(Double(clock() - start) / Double(CLOCKS_PER_SEC) < 60, "\(piece)")
        }
    }

    /// Lines of clean prose that may change: real disguises are rarer than this there.
    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"), arguments: ["wikitext-2-test.txt"])
    func leavesProseAlone(file: String) throws {
        let normalizer = try Self.normalizer.get()
        let url = try #require(SharedData.file("text/\(file)") ?? SharedData.file("data/text/\(file)"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let changed = lines.filter { normalizer.normalized(String($0)).isChanged }
        #expect(changed.isEmpty)
    }
}

enum EvasionFixture {
    /// The lists of the package, wherever the tests run.
    static func shipped() throws -> EvasionVocabulary {
        try EvasionVocabulary(assets: Place.package.appending(path: "Assets"))
    }
}
