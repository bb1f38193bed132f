import Foundation
public import TheriacCorpora
public import TheriacOptions

/// How often the texts that mention a group are clean, and how many clean ones are missing.
///
/// Source: Dixon, Li, Sorensen, Thain, Vasserman, *Measuring and Mitigating Unintended Bias in Text Classification*, AIES
/// 2018: clean sentences are added until a term's share of toxic texts is that of all texts.
public struct IdentityBalance: Sendable, Equatable {
    public var group: String
    /// Texts that mention the group, with toxicity from 0.5 on and below.
    public var toxic: Int
    public var nontoxic: Int
    /// Nontoxic texts to add so that their share is at least `background`.
    public var missing: Int
    /// Share of nontoxic texts among those that mention no group.
    public var background: Double

    /// Every group that is mentioned, in the order of ``IdentityTerms``. Texts without a toxicity label do not count.
    public static func of(_ texts: [LabelledText]) -> [IdentityBalance] {
        var counts: [String: (toxic: Int, nontoxic: Int)] = [:]
        for text in texts {
            guard let label = text.labels[.toxicity] else { continue }
            let groups = IdentityTerms.groups(in: text.text)
            for group in groups.isEmpty ? [""] : groups {
                if label >= 0.5 {
                    counts[group, default: (0, 0)].toxic += 1
                } else {
                    counts[group, default: (0, 0)].nontoxic += 1
                }
            }
        }
        let background = counts[""].map { Double($0.nontoxic) / Double($0.toxic + $0.nontoxic) } ?? 0.5
        return IdentityTerms.all.compactMap { group in
            guard let count = counts[group.name] else { return nil }
            return IdentityBalance(
                group: group.name, toxic: count.toxic, nontoxic: count.nontoxic,
                missing: missing(toxic: count.toxic, nontoxic: count.nontoxic, share: background),
                background: background)
        }
    }

    /// The least n with (nontoxic + n) / (toxic + nontoxic + n) ≥ share; 0 when the share cannot be reached (1).
    static func missing(toxic: Int, nontoxic: Int, share: Double) -> Int {
        guard share < 1, toxic > 0 else { return 0 }
        let wanted = share * Double(toxic) / (1 - share)
        return max(0, Int((wanted - 1e-9).rounded(.up)) - nontoxic)
    }
}

/// Adds clean sentences about the groups that toxic texts mention, from a file like `identity-texts.yaml`.
///
/// A toxic text that mentions groups is followed by clean ones of the file that mention one of them, `clean` for each; a
/// clean text adds nothing. So the share of clean mentions rises most for the groups that are mostly insulted. What balances
/// a group is its ``IdentityBalance/missing`` over its toxic texts. The file's hateful texts are not used here: they come in
/// as short texts do.
public struct BalanceIdentityMentions: TextAugmentation {
    public static let name = "balance-identity-mentions"

    /// Texts with labels in the format of `short-texts.yaml`; a relative path is taken from the recipe's folder.
    public var file = ""
    /// Clean texts for each toxic one; a fraction is a chance.
    public var clean = 1.0
    /// Clean texts of the file by group.
    private var bank: [String: [ShortTexts.Labelled]] = [:]

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        file = try fields.require("file")
        try fields.read("clean", into: &clean, in: 0...100)
        if !file.hasPrefix("/") {
            file = URL(fileURLWithPath: fields.source).deletingLastPathComponent().appending(path: file).path
        }
        do {
            use(try ShortTexts(file: URL(fileURLWithPath: file), seed: 1).texts)
        } catch {
            throw .unreadable(source: file, reason: "\(error)")
        }
    }

    mutating func use(_ texts: [ShortTexts.Labelled]) {
        bank = [:]
        for text in texts where (text.labels[.toxicity] ?? 1) < 0.5 {
            for group in IdentityTerms.groups(in: text.text) { bank[group, default: []].append(text) }
        }
    }

    public func variants(of text: LabelledText, random: inout some RandomNumberGenerator) -> [LabelledText] {
        guard (text.labels[.toxicity] ?? 0) >= 0.5 else { return [] }
        let groups = IdentityTerms.groups(in: text.text).filter { bank[$0] != nil }.sorted()
        guard !groups.isEmpty else { return [] }
        var times = Int(clean)
        if Double.random(in: 0..<1, using: &random) < clean - Double(times) { times += 1 }
        return (0..<times).compactMap { number in
            guard let group = groups.randomElement(using: &random),
                let chosen = bank[group]?.randomElement(using: &random)
            else { return nil }
            return LabelledText(
                id: "\(text.id)+\(number)", text: chosen.text, labels: chosen.labels, dataset: text.dataset,
                split: text.split)
        }
    }
}
