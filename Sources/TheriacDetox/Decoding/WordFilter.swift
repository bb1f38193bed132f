internal import Foundation
internal import TheriacFiles
public import TheriacGeneration
internal import TheriacModels
public import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// Settings of the word filter.
public struct WordFilterSettings: Options, Equatable {
    /// A list of words and phrases, one a line, `#` for remarks; nil takes the list that ships with the program.
    public var words: String?

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("words", into: &words)
    }
}

/// Bans every token that would complete a listed word.
///
/// Source: Gehman et al., *RealToxicityPrompts*, Findings of EMNLP 2020 (their word filter). That one matches token
/// sequences, which another segmentation of the same word escapes; this one matches what the text would read, so that no
/// listed word is ever written, whatever its case, its segmentation, or the blanks and hyphens inside a phrase.
public enum WordFilterMethod: DecodingMethod {
    public static let card = MethodCard(
        name: "word-filter", title: "word filter",
        summary:
            "Bans every token that would complete a listed word or phrase, in any case and segmentation.",
        source: "Gehman et al., RealToxicityPrompts, Findings of EMNLP 2020",
        cost: "one addition a step, and a look-up a row")

    /// The list that ships with the program.
    public static let bundledList = "words/word-filter.txt"

    public static func makePart(
        _ settings: WordFilterSettings, _ context: MethodContext
    ) throws -> DecodingPart {
        let url = try settings.words.map { URL(fileURLWithPath: $0) } ?? context.asset(bundledList)
        let words = try WordFilter.readList(url)
        let tokenizer = context.model.tokenizer
        let tokens = (0..<Int32(tokenizer.vocabularySize)).map { tokenizer.tokenBytes($0) }
        return .processor(
            try WordFilter(
                words: words, tokens: tokens, vocabulary: context.model.model.shape.vocabulary))
    }
}

public enum WordFilterError: Error, Equatable, CustomStringConvertible {
    case noWords(String)

    public var description: String {
        switch self {
        case .noWords(let file): "\(file) holds no word to ban. Write one word or phrase a line."
        }
    }
}

/// The word filter's processor.
struct WordFilter: LogitsProcessor {
    private let index: BannedTokens
    /// 0, or −∞ for tokens that hold a listed word whatever comes before; float32 `[1, vocabulary]`.
    private let always: Tensor

    /// - Parameters:
    ///   - tokens: the UTF-8 bytes of each token, by id.
    ///   - vocabulary: columns of the logits; may be more than there are tokens.
    init(words: [String], tokens: [[UInt8]], vocabulary: Int) throws {
        index = BannedTokens(words: words, tokens: tokens)
        var mask = [Float](repeating: 0, count: vocabulary)
        for token in index.always { mask[Int(token)] = -.infinity }
        always = try Tensor(mask, shape: [1, vocabulary])
    }

    mutating func process(_ logits: Tensor, _ state: GenerationState) throws -> Tensor {
        let banned = try logits + always.to(on: logits.device)
        var rows: [Int64] = []
        var columns: [Int64] = []
        for (place, row) in state.rows.enumerated() {
            let tail = index.tail(of: state.prompt(of: row), row.written)
            for token in index.completions(after: tail) {
                rows.append(Int64(place))
                columns.append(Int64(token))
            }
        }
        try banned.put(-.infinity, rows: rows, columns: columns)
        return banned
    }

    static func readList(_ url: URL) throws -> [String] {
        let reader = try LineReader(path: url.path)
        var words: [String] = []
        while let line = try reader.next() {
            let text = (line.text ?? "").trimmingCharacters(in: .whitespaces)
            if !text.isEmpty, !text.hasPrefix("#") { words.append(text) }
        }
        guard !words.isEmpty else { throw WordFilterError.noWords(url.lastPathComponent) }
        return words
    }
}
