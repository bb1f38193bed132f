/// The labels of one text in its set's own words, and the attributes that follow from them.
struct NativeLabels {
    /// By `taxonomy/label`, 0...1: share of raters, or 0 and 1. An absent label is unknown: raters were not asked.
    private(set) var shares: [String: Double]
    /// Attributes that do not follow from the table by itself; nil: they do.
    var attributes: [Attribute: Float]?

    init(_ shares: [String: Double] = [:], attributes: [Attribute: Float]? = nil) {
        self.shares = shares
        self.attributes = attributes
    }

    /// A yes/no answer.
    mutating func set(_ label: String, _ holds: Bool) { shares[label] = holds ? 1 : 0 }

    mutating func set(_ label: String, share: Double) { shares[label] = share }

    /// `label` holds, and with it none of the others of its question.
    mutating func choose(_ label: String) throws(DatasetRow.Problem) {
        guard let place = Taxonomies.place(of: label), let taxonomy = label.split(separator: "/").first else {
            throw DatasetRow.Problem(reason: "one of its labels is not in the table of taxonomies")
        }
        for other in place.question.labels { shares["\(taxonomy)/\(other.name)"] = 0 }
        shares[label] = 1
    }

    static func choosing(_ labels: String...) throws(DatasetRow.Problem) -> NativeLabels {
        var native = NativeLabels()
        for label in labels { try native.choose(label) }
        return native
    }

    /// The labels as a text carries them.
    var native: [String: Float] { shares.mapValues(Float.init) }

    /// What the table makes of the labels.
    ///
    /// Within a question of which one label holds, an attribute is the mean of the labels' values, weighted by their shares,
    /// and known when each label with a share names it. Of yes/no labels each gives share · holds + (1 − share) · fails, and
    /// the highest counts; a value below 0.5 counts only when no label that could raise the attribute is unasked, and
    /// none that holds hides it. Between questions the highest counts.
    var labels: [Attribute: Float] {
        if let attributes { return attributes }
        var questions: [Int: (question: Taxonomy.Question, shares: [(label: Int, share: Double)])] = [:]
        for (name, share) in shares {
            guard let place = Taxonomies.place(of: name) else { continue }
            questions[place.key, default: (place.question, [])].shares.append((place.label, share))
        }
        var values: [Attribute: Double] = [:]
        for (question, shares) in questions.values {
            for attribute in Attribute.allCases {
                let value =
                    question.kind == .one
                    ? Self.chosen(attribute, question, shares) : Self.each(attribute, question, shares)
                guard let value else { continue }
                values[attribute] = max(values[attribute] ?? 0, value)
            }
        }
        return values.mapValues(Float.init)
    }

    private typealias Shares = [(label: Int, share: Double)]

    private static func chosen(
        _ attribute: Attribute, _ question: Taxonomy.Question, _ shares: Shares
    ) -> Double? {
        var sum = 0.0
        var isNamed = false
        for (label, share) in shares.sorted(by: { $0.label < $1.label }) where share > 0 {
            guard let value = question.labels[label].holds[attribute] else { return nil }
            isNamed = true
            sum += share * value
        }
        return isNamed ? sum : nil
    }

    private static func each(
        _ attribute: Attribute, _ question: Taxonomy.Question, _ shares: Shares
    ) -> Double? {
        var highest: Double?
        for (label, share) in shares {
            let row = question.labels[label]
            let (holds, fails) = (row.holds[attribute], row.fails[attribute])
            guard share == 0 || holds != nil, share == 1 || fails != nil else { continue }
            let value = share * (holds ?? 0) + (1 - share) * (fails ?? 0)
            highest = max(highest ?? 0, value)
        }
        guard let highest, highest < 0.5 else { return highest }
        let asked = Set(shares.map(\.label))
        let isUnasked = question.labels.indices.contains {
            question.labels[$0].fails[attribute] != nil && !asked.contains($0)
        }
        let isHidden = shares.contains {
            $0.share >= 0.5 && question.labels[$0.label].hides.contains(attribute)
        }
        return isUnasked || isHidden ? nil : highest
    }
}
