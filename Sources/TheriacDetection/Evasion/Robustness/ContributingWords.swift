public import TheriacCorpora

/// The words of a text that a detector's score rests on most.
public enum ContributingWords {
    /// Words whose removal lowers the score most, in the order of the text.
    ///
    /// One word after another is left out and the text scored again (occlusion; Zeiler and Fergus, 2014), so a text of
    /// `n` words costs `n` scores; of words beyond the first 64 none is tried.
    /// - Parameters:
    ///   - count: the most words.
    /// - Returns: empty when no word lowers the score.
    public static func find(
        in text: String, by detector: any Detector, count: Int = 3, attribute: Attribute = .toxicity
    ) throws -> [Range<String.Index>] {
        let words = Array(AttackableText.words(of: text).prefix(64))
        guard !words.isEmpty else { return [] }
        var texts = [text]
        for word in words { texts.append(text.replacingCharacters(in: word)) }
        let scores = try detector.verdicts(for: texts).map { verdict -> Float in
            guard case .scored(let scores) = verdict else { return 0 }
            return scores[attribute] ?? 0
        }
        let whole = scores[0]
        let best = zip(words, scores.dropFirst())
            .filter { $0.1 < whole }
            .sorted { ($0.1, $0.0.lowerBound) < ($1.1, $1.0.lowerBound) }
            .prefix(count)
        return best.map(\.0).sorted { $0.lowerBound < $1.lowerBound }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
        String(self[..<range.lowerBound]) + String(self[range.upperBound...])
    }
}
