/// Distinct-n: how varied a prompt's continuations are.
///
/// For each prompt, different n-grams over all its continuations / **words** of all its continuations, then
/// the mean over prompts. Words are what stands between single spaces. Range 0...1, higher is better. The
/// denominator is words for every n, so distinct-2 cannot reach 1. Prompts without a word are dropped.
///
/// Example: "the cat sat", "the dog sat down", "a cat" has nine words; 6 different words, 6 pairs and 3
/// triples: .66667, .66667, .33333.
///
/// Source: Liu et al., *DExperts*, ACL 2021, evaluation code.
public struct DistinctN: PromptMetric {
    public let n: Int
    public var name: String { "distinct-\(n)" }
    public var title: String { "Distinct-\(n)" }
    public let better = Direction.higher

    /// - Parameter n: words in a row, at least 1; smaller numbers are taken as 1.
    public init(_ n: Int) { self.n = max(1, n) }

    public func contribution(of prompt: ScoredPrompt) -> Contribution? {
        var seen = Set<UInt64>()
        var words = 0
        for text in prompt.texts where !text.isEmpty {
            let split = Words(of: text, separatedBy: .singleSpace)
            words += split.hashes.count
            seen.formUnion(split.grams(of: n))
        }
        return words == 0 ? nil : Contribution(Double(seen.count) / Double(words))
    }
}
