/// How a text that is still being written is judged, and how much of it is held back. In Unicode scalars.
struct HoldBackSettings: Sendable, Equatable {
    /// A letter is shown once this many behind it were judged with it: what it is the beginning of is then known.
    var window = 80
    /// The text is judged anew whenever this much has come.
    var stride = 40
    /// How much of the text before is judged with what is new.
    var context = 2000
}

/// What of one text, as it comes, is to be judged next, and what may be shown.
///
/// Where it is judged depends on the text alone and not on the pieces it comes in: after every `stride` letters, at the end
/// of the last whole word, for the beginning of a word may mean something that the word does not.
///
/// Source: the accepted window of Theriac's streaming guard (`StreamingGuard`), with letters in place of tokens, which a
/// proxy does not see.
struct HoldBack {
    /// A stretch to be judged.
    struct Stretch: Equatable {
        var text: String
        /// Letters of the whole text that are clean if this is.
        fileprivate var clean: Int
        fileprivate var mark: Int
        fileprivate var isEnd: Bool
    }

    /// Longest part of a word that is left out at the end of a stretch; texts without blanks are judged as they are.
    private static let longestWord = 40

    let settings: HoldBackSettings
    private var scalars: [Unicode.Scalar] = []
    /// Up to where stretches were handed out, in whole strides or at the end.
    private var mark = 0
    /// Letters that were judged clean.
    private var clean = 0
    /// Letters that may be shown.
    private(set) var released = 0

    init(_ settings: HoldBackSettings) { self.settings = settings }

    var count: Int { scalars.count }

    mutating func append(_ text: String) { scalars += text.unicodeScalars }

    func slice(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    /// Everything that can be judged now, in order; each is to be accepted, or ends the text.
    ///
    /// - Parameter isEnd: no more text comes for the time being: all of it is judged, and all of it can be shown.
    func pending(isEnd: Bool = false) -> [Stretch] {
        var stretches: [Stretch] = []
        var next = mark + settings.stride - mark % settings.stride
        while next <= scalars.count {
            let clean = wordEnd(before: next)
            if clean > self.clean {
                stretches.append(
                    Stretch(text: stretch(endingAt: clean), clean: clean, mark: next, isEnd: false))
            }
            next += settings.stride
        }
        if isEnd, scalars.count > released, scalars.count > 0 {
            // Judged whole words may have covered it all.
            stretches.append(
                Stretch(
                    text: stretch(endingAt: scalars.count), clean: scalars.count, mark: scalars.count,
                    isEnd: true))
        }
        return stretches
    }

    mutating func accept(_ stretch: Stretch) {
        mark = stretch.mark
        clean = max(clean, stretch.clean)
        released = max(released, stretch.isEnd ? clean : clean - settings.window)
    }

    /// The end of the last whole word before `end`; `end` itself where there is no blank near.
    private func wordEnd(before end: Int) -> Int {
        var place = end
        while place > max(0, end - Self.longestWord) {
            if scalars[place - 1].properties.isWhitespace {
                // Blanks at a stretch's end belong to it: the word before them is whole.
                return place
            }
            place -= 1
        }
        return end
    }

    private func stretch(endingAt end: Int) -> String {
        var start = max(0, end - settings.context)
        if start > 0 {
            // Begin with a whole word.
            let latest = min(end, start + Self.longestWord)
            var place = start
            while place < latest, !scalars[place].properties.isWhitespace { place += 1 }
            if place < latest { start = place + 1 }
        }
        return slice(start..<end)
    }
}
