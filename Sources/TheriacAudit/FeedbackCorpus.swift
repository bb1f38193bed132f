import Foundation
import TheriacCorpora

/// Feedback as a corpus of labelled texts: several people's words on one text become one soft label, the mean of the
/// values they gave, with the number of raters.
///
/// Texts that differ only in case and white space are one text. Suggestions of one session (or, without one, under one
/// client token) are one rater who may change his mind: the last counts. A flag without claims says that the text is
/// toxic. Feedback without a text is left out.
public struct FeedbackCorpus {
    /// One line in the scored-text interchange; `scores` are the labels.
    public struct Entry: Encodable, Sendable, Equatable {
        /// First 16 digits of the SHA-256 of the normalised text.
        public var id: String
        /// As it was first given.
        public var text: String
        /// By attribute in lower case, 0...1.
        public var scores: [String: Double]
        /// How many people each score is the mean of.
        public var raters: [String: Int]
        /// The communities the feedback came from, sorted.
        public var groups: [String]
        public var scorer: Scorer

        public struct Scorer: Encodable, Sendable, Equatable {
            public var name = "feedback"
        }
    }

    private struct Gathered {
        var text: String
        /// By attribute and rater, the last value.
        var values: [String: [String: Double]] = [:]
        var communities: Set<String> = []
    }

    private var texts: [String: Gathered] = [:]
    private var order: [String] = []
    /// Feedback whose text was not stored.
    public private(set) var withoutText = 0

    public init() {}

    /// Takes feedback in the order it was given. What was rejected is left out.
    public mutating func add(_ feedback: Feedback) {
        guard feedback.status != .rejected else { return }
        guard let text = feedback.text else {
            withoutText += 1
            return
        }
        let name = normalizedText(text)
        if texts[name] == nil {
            texts[name] = Gathered(text: text)
            order.append(name)
        }
        for (attribute, value) in feedback.labels {
            texts[name]?.values[attribute.lowercased(), default: [:]][feedback.rater] = value
        }
        if let community = feedback.community { texts[name]?.communities.insert(community) }
    }

    /// In the order in which the texts were first mentioned.
    public var entries: [Entry] {
        order.compactMap { name in
            guard let gathered = texts[name], !gathered.values.isEmpty else { return nil }
            return Entry(
                id: String(Feedback.hash(of: name).prefix(16)), text: gathered.text,
                scores: gathered.values.mapValues { values in
                    // Sorted, so that the sum does not depend on a dictionary's order.
                    values.values.sorted().reduce(0, +) / Double(values.count)
                },
                raters: gathered.values.mapValues(\.count), groups: gathered.communities.sorted(),
                scorer: Entry.Scorer())
        }
    }
}

extension Feedback {
    /// The value each attribute should have. Where only spans were scored, an attribute's value is that of its highest span.
    public var labels: [String: Double] {
        var labels = suggested
        for span in spans where suggested[span.attribute] == nil {
            labels[span.attribute] = max(labels[span.attribute] ?? 0, span.value)
        }
        if labels.isEmpty, kind == .flag { labels[Attribute.toxicity.rawValue] = 1 }
        return labels
    }

    /// Who said it, as far as the feedback tells; feedback without session and token is a person of its own.
    var rater: String {
        let key = keyID.map(String.init) ?? ""
        if let session { return "session \(key) \(session)" }
        if let clientToken { return "token \(key) \(clientToken)" }
        return "feedback \(id)"
    }
}
