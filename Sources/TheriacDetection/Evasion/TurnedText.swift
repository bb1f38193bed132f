import Foundation

/// Text between U+202E, which turns the direction of writing, and its end: it is read backwards.
struct TurnedText {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let vocabulary: EvasionVocabulary

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: EvasionVocabulary) {
        self.bytes = bytes
        self.vocabulary = vocabulary
    }

    /// Turns around each stretch that holds more known words when turned.
    func rewrites() -> [Rewrite] {
        var rewrites: [Rewrite] = []
        guard let base = bytes.baseAddress, memchr(base, 0xE2, bytes.count) != nil else { return [] }
        var place = 0
        while let start = next(0xAE, from: place) {
            var end = start + 3
            var inner = end
            while end < bytes.count && bytes[end] != 0x0A {
                inner = end
                if isMark(0xAC, at: end) || isMark(0xAE, at: end) { break }
                end += 1
                inner = end
            }
            let written = String(decoding: bytes[(start + 3)..<inner], as: UTF8.self)
            let turned = String(written.reversed())
            if end < bytes.count && isMark(0xAC, at: end) { end += 3 }
            if score(turned) > score(written) {
                rewrites.append(Rewrite(bytes: start..<end, replacement: Array(turned.utf8), pieces: nil))
            }
            place = max(end, start + 3)
        }
        return rewrites
    }

    /// Where the next mark E2 80 `last` begins.
    private func next(_ last: UInt8, from place: Int) -> Int? {
        guard place + 2 < bytes.count else { return nil }
        for candidate in place..<(bytes.count - 2) where isMark(last, at: candidate) { return candidate }
        return nil
    }

    private func isMark(_ last: UInt8, at place: Int) -> Bool {
        place + 2 < bytes.count && bytes[place] == 0xE2 && bytes[place + 1] == 0x80
            && bytes[place + 2] == last
    }

    /// Known words; a rude one counts for many.
    private func score(_ text: String) -> Int {
        AttackableText.words(of: text).reduce(0) { sum, range in
            let letters = text.utf8[range].map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }
            if vocabulary.target(letters)?.isStrong == true { return sum + 100 }
            return sum + (vocabulary.isKnown(letters) ? 1 : 0)
        }
    }
}
