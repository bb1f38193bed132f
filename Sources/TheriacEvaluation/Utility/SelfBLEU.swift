import Foundation

/// Self-BLEU: how much a prompt's continuations resemble one another.
///
/// For each continuation its BLEU with all the others as references, averaged over a prompt's continuations, then over
/// prompts. Words stand between white space; orders 1 to `n` weigh the same; an order without a match counts 0.1 matches
/// (smoothing method 1 of Chen and Cherry, 2014). Range 0...1, lower is more varied. Continuations without a word are
/// left out, and prompts with fewer than two others.
///
/// Example: "a b c d" twice → 1. "a b", "a c" with n = 2: one of two words, none of one pair → √(½ · 0.1) = .22361.
///
/// Source: Zhu et al., *Texygen*, SIGIR 2018; BLEU: Papineni et al., ACL 2002.
public struct SelfBLEU: PromptMetric {
    public let n: Int
    public var name: String { n == 4 ? "self-bleu" : "self-bleu-\(n)" }
    public let title = "Self-BLEU"
    public let better = Direction.lower

    /// - Parameter n: the longest run of words compared, at least 1.
    public init(_ n: Int = 4) { self.n = max(1, n) }

    public func contribution(of prompt: ScoredPrompt) -> Contribution? {
        let texts = prompt.texts.map { Words(of: $0, separatedBy: .whiteSpace) }
            .filter { !$0.hashes.isEmpty }
        guard texts.count > 1 else { return nil }
        var logarithms = [Double](repeating: 0, count: texts.count)  // of the product of all orders' shares
        var hasWord = [Bool](repeating: true, count: texts.count)
        for order in 1...n {
            let counts = texts.map { text in
                text.grams(of: order).reduce(into: [UInt64: Int]()) { $0[$1, default: 0] += 1 }
            }
            let most = Self.most(in: counts)
            for text in texts.indices {
                let matches = counts[text].reduce(0) { sum, gram in
                    let others = most[gram.key].map { $0.owner == text ? $0.second : $0.first } ?? 0
                    return sum + min(gram.value, others)
                }
                if order == 1, matches == 0 { hasWord[text] = false }
                let grams = max(1, texts[text].hashes.count - order + 1)
                logarithms[text] += log((matches == 0 ? 0.1 : Double(matches)) / Double(grams))
            }
        }
        let lengths = texts.map(\.hashes.count)
        let sum = texts.indices.reduce(0.0) { sum, text in
            guard hasWord[text] else { return sum }
            let brevity = Self.brevity(of: text, among: lengths)
            return sum + brevity * exp(logarithms[text] / Double(n))
        }
        return Contribution(sum / Double(texts.count))
    }

    /// How often a run of words occurs in the text that has most of it, and in the best of the others.
    private struct Most {
        var first: Int
        var owner: Int
        var second = 0
    }

    /// With the best and the second best, what the others have is known for every text without comparing pairs.
    private static func most(in counts: [[UInt64: Int]]) -> [UInt64: Most] {
        var most: [UInt64: Most] = [:]
        for (text, grams) in counts.enumerated() {
            for (gram, count) in grams {
                guard var known = most[gram] else {
                    most[gram] = Most(first: count, owner: text)
                    continue
                }
                if count > known.first {
                    known = Most(first: count, owner: text, second: known.first)
                } else if count > known.second {
                    known.second = count
                }
                most[gram] = known
            }
        }
        return most
    }

    /// What a text loses for being shorter than the reference nearest in length; of two equally near the shorter.
    private static func brevity(of text: Int, among lengths: [Int]) -> Double {
        let own = lengths[text]
        let others = lengths.indices.filter { $0 != text }.map { lengths[$0] }
        let nearest = others.min { (abs($0 - own), $0) < (abs($1 - own), $1) } ?? own
        return own > nearest ? 1 : exp(1 - Double(nearest) / Double(own))
    }
}
