/// A published set of labels for harmful text, and what each label says of our attributes.
///
/// This is the only place where a set's words become attributes: readers give the set's own labels
/// (``LabelledText/native``) and take attributes from here.
public struct Taxonomy: Sendable, Equatable {
    /// Kebab-case; the part of a native label before the first slash.
    public var name: String
    /// The paper or page that defines it.
    public var source: String
    public var questions: [Question]

    /// What raters were asked at once.
    public struct Question: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// Exactly one of the labels holds; shares add up to 1.
            case one
            /// Each label holds or not.
            case each
        }

        public var kind: Kind
        /// Of which texts it is asked; nil: of all.
        public var condition: String?
        public var labels: [Label]

        /// One of `labels` holds.
        public static func one(_ labels: Label..., when condition: String? = nil) -> Question {
            Question(kind: .one, condition: condition, labels: labels)
        }

        /// Each of `labels` holds or not.
        public static func each(_ labels: Label..., when condition: String? = nil) -> Question {
            Question(kind: .each, condition: condition, labels: labels)
        }
    }

    /// One row of the table.
    public struct Label: Sendable, Equatable {
        /// As the taxonomy writes it, with its own slashes.
        public var name: String
        /// What it means, in a line of ours.
        public var definition: String
        /// Attributes of a text that has the label, 0...1. An attribute that is not named stays unknown.
        public var holds: [Attribute: Double]
        /// Attributes of a text that is known not to have it.
        public var fails: [Attribute: Double]
        /// Attributes whose absence cannot be told from other labels where this one holds.
        public var hides: [Attribute]
        /// What the step from the label to attributes loses or assumes; nil: nothing.
        public var lossy: String?

        public init(
            _ name: String, _ definition: String, holds: [Attribute: Double] = [:],
            fails: [Attribute: Double] = [:],
            hides: [Attribute] = [], lossy: String? = nil
        ) {
            self.name = name
            self.definition = definition
            self.holds = holds
            self.fails = fails
            self.hides = hides
            self.lossy = lossy
        }
    }

    init(_ name: String, source: String, _ questions: Question...) {
        self.name = name
        self.source = source
        self.questions = questions
    }

    /// All labels in their order.
    public var labels: [Label] { questions.flatMap(\.labels) }
}

/// The taxonomies Theriac knows.
public enum Taxonomies {
    /// Every taxonomy, one a file in `Tables/`.
    public static let all: [Taxonomy] = [
        .olid, .jigsaw, .perspective, .davidson, .hatexplain, .openAI, .openAI2023, .llamaGuard, .edos, .cad,
        .toxigen,
        .hatemoji, .hatemojiCheck, .ethos, .hateval, .stormfront, .surge, .paradetox,
    ]

    /// The taxonomy of that name, or nil.
    public static func named(_ name: String) -> Taxonomy? { all.first { $0.name == name } }

    /// Every native label, such as `olid/TIN`.
    public static let nativeLabels: [String] = all.flatMap { taxonomy in
        taxonomy.labels.map { "\(taxonomy.name)/\($0.name)" }
    }

    /// The row of a native label such as `olid/TIN`, or nil.
    public static func label(_ native: String) -> Taxonomy.Label? {
        place(of: native).map { $0.question.labels[$0.label] }
    }

    /// Where a native label stands.
    static func place(of native: String) -> (key: Int, question: Taxonomy.Question, label: Int)? {
        index[native].map {
            (100 * $0.taxonomy + $0.question, all[$0.taxonomy].questions[$0.question], $0.label)
        }
    }

    private static let index: [String: (taxonomy: Int, question: Int, label: Int)] = {
        var index: [String: (taxonomy: Int, question: Int, label: Int)] = [:]
        for (first, taxonomy) in all.enumerated() {
            for (second, question) in taxonomy.questions.enumerated() {
                for (third, label) in question.labels.enumerated() {
                    index["\(taxonomy.name)/\(label.name)"] = (first, second, third)
                }
            }
        }
        return index
    }()
}
