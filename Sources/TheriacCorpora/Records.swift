/// A text to be scored.
public struct TextRecord: Sendable, Equatable {
    /// The row's own id, or its 0-based line (for tables: row) index.
    public var id: String
    /// The text; it may be empty.
    public var text: String

    public init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// A beginning of a text that a language model is to continue.
public struct Prompt: Sendable, Codable, Equatable {
    /// The row's own id, or its 0-based line (for tables: row) index. Unique within a file.
    public var id: String
    /// The text; it may be empty.
    public var text: String
    /// Toxicity of the prompt itself as stored with it, 0...1; nil when unknown. A prompt counts as toxic
    /// from 0.5.
    public var toxicity: Double?

    public init(id: String, text: String, toxicity: Double? = nil) {
        self.id = id
        self.text = text
        self.toxicity = toxicity
    }
}

/// A text with what people (or a scorer) said of it.
public struct LabelledText: Sendable, Equatable {
    /// Unique within its dataset.
    public var id: String
    public var text: String
    /// Share of raters who saw the attribute, or a stored score, 0...1. An absent attribute is unknown, not
    /// 0.
    public var labels: [Attribute: Float]
    /// The set's own labels as `taxonomy/label`, such as `olid/TIN`: share of raters, or 0 and 1. An absent one is
    /// unknown.
    public var native: [String: Float] = [:]
    /// What makes it toxic, in Unicode scalars; nil when nobody marked spans, empty when raters found none.
    public var toxicSpans: [ToxicSpan]?
    /// Name of the dataset, as on its card.
    public var dataset: String
    public var split: Split?

    public init(
        id: String, text: String, labels: [Attribute: Float], native: [String: Float] = [:],
        toxicSpans: [ToxicSpan]? = nil, dataset: String, split: Split?
    ) {
        self.id = id
        self.text = text
        self.labels = labels
        self.native = native
        self.toxicSpans = toxicSpans
        self.dataset = dataset
        self.split = split
    }
}

/// A stretch of a text that raters found toxic.
public struct ToxicSpan: Sendable, Equatable {
    /// Places of Unicode scalars in the text.
    public var scalars: Range<Int>
    /// Share of the raters who marked it, 0...1.
    public var share: Float

    public init(scalars: Range<Int>, share: Float) {
        self.scalars = scalars
        self.share = share
    }
}
