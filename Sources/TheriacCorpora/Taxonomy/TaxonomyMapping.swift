/// What becomes of each label of one taxonomy in another, by way of our attributes.
public struct TaxonomyMapping: Sendable, Equatable, Encodable {
    public struct Row: Sendable, Equatable, Encodable {
        public var label: String
        public var definition: String
        /// Attributes of a text that has the label, by name.
        public var attributes: [String: Double]
        /// Labels of the other taxonomy that such a text then has; empty when there is none.
        public var becomes: [String]
        /// What the step loses or assumes, in sentences.
        public var lossy: [String]
    }

    public var from: String
    public var to: String
    public var rows: [Row]
    /// Labels of the other taxonomy that nothing becomes.
    public var unfilled: [String]

    /// A label becomes another when its attributes from 0.5 on hold all that make the other: those the other names, without
    /// toxicity where it names something more telling.
    public init(from: Taxonomy, to: Taxonomy) {
        self.from = from.name
        self.to = to.name
        rows = from.labels.map { label in
            let high = Set(label.holds.filter { $0.value >= 0.5 }.keys)
            let targets = to.labels.filter { other in
                let core = Self.core(other)
                return !core.isEmpty && core.isSubset(of: high)
            }
            return Row(
                label: label.name, definition: label.definition,
                attributes: Dictionary(uniqueKeysWithValues: label.holds.map { ($0.key.rawValue, $0.value) }),
                becomes: targets.map(\.name),
                lossy: Self.lossy(label, high, targets, to))
        }
        let filled = Set(rows.flatMap(\.becomes))
        unfilled = to.labels.map(\.name).filter { !filled.contains($0) }
    }

    private static func core(_ label: Taxonomy.Label) -> Set<Attribute> {
        let high = Set(label.holds.filter { $0.value >= 0.5 }.keys)
        let telling = high.subtracting([.toxicity])
        return telling.isEmpty ? high : telling
    }

    private static func lossy(
        _ label: Taxonomy.Label, _ high: Set<Attribute>, _ targets: [Taxonomy.Label], _ to: Taxonomy
    ) -> [String] {
        var sentences = [label.lossy].compactMap { $0 }
        if label.holds.isEmpty {
            if label.lossy == nil { sentences.append("No attribute says this: it is lost.") }
        } else if targets.isEmpty, !high.isEmpty {
            sentences.append("\(to.name) has no label for it.")
        }
        let carried = targets.reduce(into: Set<Attribute>()) { $0.formUnion(core($1)) }
        let lost = high.subtracting(carried)
        if !targets.isEmpty, !lost.isEmpty {
            sentences.append(
                "\(to.name) has no label for "
                    + lost.map(\.rawValue).sorted().joined(separator: ", ") + ": that is lost.")
        }
        for target in targets {
            if let sentence = target.lossy { sentences.append("\(target.name): \(sentence)") }
        }
        return sentences
    }
}

extension Taxonomies {
    /// The mapping between the taxonomies of two names.
    /// - Throws: ``CorporaError/unknownTaxonomy(_:known:)``.
    public static func mapping(from: String, to: String) throws -> TaxonomyMapping {
        func find(_ name: String) throws -> Taxonomy {
            guard let taxonomy = named(name) else {
                throw CorporaError.unknownTaxonomy(name, known: all.map(\.name))
            }
            return taxonomy
        }
        return TaxonomyMapping(from: try find(from), to: try find(to))
    }
}
