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
    /// Name of the dataset, as on its card.
    public var dataset: String
    public var split: Split?

    public init(id: String, text: String, labels: [Attribute: Float], dataset: String, split: Split?) {
        self.id = id
        self.text = text
        self.labels = labels
        self.dataset = dataset
        self.split = split
    }
}
