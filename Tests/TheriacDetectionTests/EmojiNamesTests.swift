import Testing

@testable import TheriacDetection

@Suite struct EmojiNamesTests {
    @Test func plainTextsStay() {
        for text in [
            "", "plain", "na\u{EF}ve caf\u{E9}", "1 # *", "\u{201C}quoted\u{201D} \u{2013} dash",
            "\u{4F60}\u{597D}",
        ] {
            #expect(EmojiNames.written(text) == nil)
        }
    }

    @Test func emojiAreNamed() {
        #expect(EmojiNames.written("a🐀b")?.text == "a rat b")
        #expect(EmojiNames.written("🖕🏿")?.text.contains("middle finger") == true)
        #expect(EmojiNames.written("👩🏿")?.text == " woman  dark skin ")
    }

    @Test func originsPointBack() throws {
        let text = "you 🐀, you"
        let written = try #require(EmojiNames.written(text))
        let old = Array(text.unicodeScalars)
        let new = Array(written.text.unicodeScalars)
        #expect(written.origins.count == new.count)
        #expect(written.origins == written.origins.sorted())
        for (scalar, origin) in zip(new, written.origins) {
            #expect(scalar == old[origin] || old[origin] == "🐀")
        }
        #expect(Set(written.origins) == Set(old.indices))
    }
}
