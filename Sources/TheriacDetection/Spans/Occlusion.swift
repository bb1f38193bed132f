internal import Foundation
public import TheriacCorpora

/// How much less toxic a text is without a word: works with any detector.
///
/// The weight of a word is the fall of the log-odds when it is left out. With a longer `window`, runs of that many
/// words are left out, and a word gets the mean over the runs it is part of, for each word of the run: words that
/// stand in for each other then no longer hide one another.
///
/// Costs one verdict a word (and one a text). A text of more than `partWords` words is taken in parts, each for
/// itself, so that the cost grows with the text's length and not with its square.
///
/// Source: Zeiler and Fergus, *Visualizing and Understanding Convolutional Networks*, ECCV 2014, for words.
public struct Occlusion: SpanFinder {
    public static let name = "occlusion"
    public static let summary = "how far the text's log-odds fall without the word"
    public static let rule = SpanRule(threshold: 0.25, share: 0.6)

    private let detector: any Detector
    private let attribute: Attribute
    private let window: Int
    private let partWords: Int

    public init?(_ detector: any Detector, attribute: Attribute) {
        self.init(detector, attribute: attribute, window: 1)
    }

    /// - Parameters:
    ///   - window: words left out together, at least 1.
    ///   - partWords: words of a part; a longer text is cut.
    public init?(_ detector: any Detector, attribute: Attribute, window: Int, partWords: Int = 128) {
        guard detector.attributes.contains(attribute), window > 0, partWords > 0 else { return nil }
        self.detector = detector
        self.attribute = attribute
        self.window = window
        self.partWords = partWords
    }

    public func evidence(in texts: [String]) throws -> [[WordEvidence]] {
        // Every part, then the part without each run of words, of all texts: one call, which the detector may batch.
        var asked: [String] = []
        var parts: [(text: Int, words: [Range<Int>], runs: [Range<Int>])] = []
        for (index, text) in texts.enumerated() {
            let offsets = TextOffsets(text)
            let words = TextWords.words(of: text)
            for start in stride(from: 0, to: words.count, by: partWords) {
                let end = min(words.count, start + partWords)
                let lower = start == 0 ? 0 : words[start].lowerBound
                let upper = end == words.count ? offsets.count : words[end].lowerBound
                let runs = Self.runs(of: end - start, window: window)
                parts.append((index, Array(words[start..<end]), runs))
                asked.append(offsets.text(of: offsets.span(scalars: lower..<upper)))
                for run in runs {
                    let gap =
                        words[start + run.lowerBound]
                        .lowerBound..<words[start + run.upperBound - 1].upperBound
                    asked.append(
                        offsets.text(of: offsets.span(scalars: lower..<gap.lowerBound))
                            + offsets.text(of: offsets.span(scalars: gap.upperBound..<upper)))
                }
            }
        }
        let scores = try detector.verdicts(for: asked).map(logOdds)
        var evidence = [[WordEvidence]](repeating: [], count: texts.count)
        var place = 0
        for part in parts {
            let whole = scores[place]
            let drops = part.runs.indices.map { run in
                whole.map { Float(($0 - (scores[place + 1 + run] ?? 0)) / Double(part.runs[run].count)) } ?? 0
            }
            place += 1 + part.runs.count
            evidence[part.text] += part.words.enumerated().map { index, word in
                let shares = zip(part.runs, drops).filter { $0.0.contains(index) }.map(\.1)
                return WordEvidence(scalars: word, weight: shares.reduce(0, +) / Float(max(1, shares.count)))
            }
        }
        return evidence
    }

    /// All runs of `window` words of so many, or one run of all when there are fewer.
    static func runs(of words: Int, window: Int) -> [Range<Int>] {
        guard words > window else { return [0..<words] }
        return (0...(words - window)).map { $0..<($0 + window) }
    }

    /// Nil for a text that could not be scored; a part that holds nothing but the word left out then counts as even
    /// odds.
    private func logOdds(_ verdict: Verdict) -> Double? {
        guard case .scored(let scores) = verdict, let score = scores[attribute] else { return nil }
        // A float nearest to 1 is 6e-8 away from it.
        let probability = min(max(Double(score), 1e-7), 1 - 1e-7)
        return log(probability / (1 - probability))
    }
}
