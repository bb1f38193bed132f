import Foundation
import TheriacModels
import TheriacTokenizers

/// A prompt around a text: what stands before it and after it.
struct PromptTemplate: Sendable, Equatable {
    static let textMark = "{text}"

    let before: String
    let after: String

    /// Nil when `{text}` does not stand in the template exactly once.
    init?(_ template: String) {
        let sides = template.components(separatedBy: Self.textMark)
        guard sides.count == 2 else { return nil }
        before = sides[0]
        after = sides[1]
    }

    /// The last line that has something on it, to the end: what an answer follows.
    var tail: String {
        guard let last = after.lastIndex(where: { !$0.isNewline }),
            let start = after[..<last].lastIndex(where: \.isNewline)
        else { return after }
        return String(after[after.index(after: start)...])
    }

    func filled(with text: String) -> String { before + text + after }
}

/// Prompts of a text that fit a model: one, or for a long text several over windows that overlap by half.
///
/// Nothing is cut in silence: every token of the text stands in a window.
struct PromptWindows {
    private let tokenizer: Tokenizer
    private let template: PromptTemplate
    private let limit: Int
    /// Tokens of the text that a window has room for.
    let room: Int
    private let special: [String]

    /// The fewest tokens of text that make sense in a window.
    static let leastRoom = 8

    /// `limit`: tokens a prompt may have.
    /// - Throws: ``DetectionError/damaged(file:reason:)`` when the template leaves no room for text.
    init(_ template: PromptTemplate, _ loaded: LoadedModel, limit: Int, file: String) throws {
        tokenizer = loaded.tokenizer
        self.template = template
        self.limit = limit
        special = tokenizer.specialTokens.map(\.content)
        // Two tokens for what joins differently at the borders.
        let own = tokenizer.encode(template.filled(with: "")).count
        room = limit - own - 2
        guard room >= Self.leastRoom else {
            throw DetectionError.damaged(
                file: file,
                reason:
                    "its prompt has \(own) tokens without a text, and the model reads \(limit); shorten the template or "
                    + "use a model with a longer context")
        }
    }

    /// Token ids of each prompt, at least one.
    func prompts(for text: String) -> [[Int32]] {
        let text = disarmed(text)
        let whole = tokenizer.encode(template.filled(with: text))
        if whole.count <= limit { return [whole] }
        let offsets = TextOffsets(text)
        let tokens = tokenizer.encodeWithOffsets(text, addingSpecialTokens: false).offsets
        var prompts: [[Int32]] = []
        var start = 0
        while start < tokens.count {
            var end = min(tokens.count, start + room)
            var ids = prompt(from: start, to: end)
            while ids.count > limit && end > start + 1 {
                end = max(start + 1, end - (ids.count - limit))
                ids = prompt(from: start, to: end)
            }
            prompts.append(Array(ids.suffix(limit)))
            if end == tokens.count { break }
            start = max(start + 1, min(start + room / 2, end))
        }
        return prompts

        func prompt(from start: Int, to end: Int) -> [Int32] {
            let span = offsets.span(
                scalars: tokens[start].lowerBound..<max(tokens[start].lowerBound, tokens[end - 1].upperBound))
            return tokenizer.encode(template.filled(with: offsets.text(of: span)))
        }
    }

    /// Values of all prompts of all texts, computed together; of each text the highest.
    func highest(of texts: [String], _ values: ([[Int32]]) throws -> [Double]) throws -> [Double] {
        let prompts = texts.map(prompts)
        var rest = try values(prompts.flatMap { $0 })[...]
        return prompts.map { windows in
            defer { rest = rest.dropFirst(windows.count) }
            return rest.prefix(windows.count).max() ?? 0
        }
    }

    /// The text with the model's own control tokens broken up, so that a text cannot end its turn and answer itself.
    private func disarmed(_ text: String) -> String {
        var text = text
        for token in special where token.count > 1 && text.contains(token) {
            text = text.replacing(token, with: "\(token.prefix(1)) \(token.dropFirst())")
        }
        return text
    }
}
