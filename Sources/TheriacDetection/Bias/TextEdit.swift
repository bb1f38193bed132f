import TheriacCorpora

/// A stretch of a text with what takes its place.
struct TextEdit {
    var range: Range<String.Index>
    var replacement: String
}

extension LabelledText {
    /// The text with `edits`, which are in order and do not overlap; toxic spans move along, and one that an edit touches
    /// covers the whole replacement. "a" and "an" before a replacement follow its first letter. nil without a change.
    func edited(_ edits: [TextEdit]) -> LabelledText? {
        var made = ""
        var end = text.startIndex
        /// Borders of the pieces in scalars, before and after.
        var pieces: [(old: Range<Int>, new: Range<Int>)] = []
        var scalars = (old: 0, new: 0)
        func append(_ old: Substring, as new: String) {
            let lengths = (old: old.unicodeScalars.count, new: new.unicodeScalars.count)
            made += new
            pieces.append(
                (scalars.old..<(scalars.old + lengths.old), scalars.new..<(scalars.new + lengths.new)))
            scalars.old += lengths.old
            scalars.new += lengths.new
        }
        for edit in edits where edit.range.lowerBound >= end {
            let before = text[end..<edit.range.lowerBound]
            append(before, as: Self.withArticle(before, before: edit.replacement, after: text[edit.range]))
            append(text[edit.range], as: edit.replacement)
            end = edit.range.upperBound
        }
        append(text[end...], as: String(text[end...]))
        guard made != text else { return nil }
        var result = self
        result.text = made
        result.toxicSpans = toxicSpans?.map { span in
            var moved = span
            let touched = pieces.filter { $0.old.overlaps(span.scalars) }
            guard let first = touched.first, let last = touched.last else { return span }
            let isOldFirst = first.old.count == first.new.count
            let isOldLast = last.old.count == last.new.count
            let start =
                isOldFirst
                ? first.new.lowerBound + max(0, span.scalars.lowerBound - first.old.lowerBound)
                : first.new.lowerBound
            let end =
                isOldLast
                ? last.new.upperBound - max(0, last.old.upperBound - span.scalars.upperBound)
                : last.new.upperBound
            moved.scalars = start..<max(start, end)
            return moved
        }
        return result
    }

    /// "an Asian" becomes "a Latino".
    private static func withArticle(
        _ before: Substring, before word: String, after old: Substring
    ) -> String {
        guard before.last == " ", let first = word.first, let oldFirst = old.first else {
            return String(before)
        }
        let needsAn = "aeiouAEIO".contains(first)
        guard needsAn != "aeiouAEIO".contains(oldFirst) else { return String(before) }
        let head = before.dropLast()
        let article = head.suffix(while: { !$0.isWhitespace })
        switch (String(article).lowercased(), needsAn) {
        case ("a", true): return head + "n "
        case ("an", false): return head.dropLast() + " "
        default: return String(before)
        }
    }
}

extension Substring {
    fileprivate func suffix(while isTaken: (Character) -> Bool) -> Substring {
        var start = endIndex
        while start > startIndex, isTaken(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
