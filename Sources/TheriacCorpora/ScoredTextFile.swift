import TheriacFiles

/// A text with scores or labels that a file stores beside it.
public struct ScoredText: Sendable, Equatable {
    public var id: String
    /// nil where the file has none, as in the output of `theriac score`.
    public var text: String?
    /// Scores or labels in 0...1. An absent attribute is unknown, not 0.
    public var scores: [Attribute: Float]
    /// Groups the text is about or from, for measures by group.
    public var groups: [String]
    /// Who scored, as the file says it; nil when it does not.
    public var scorer: String?

    public init(
        id: String, text: String?, scores: [Attribute: Float], groups: [String] = [], scorer: String? = nil
    ) {
        self.id = id
        self.text = text
        self.scores = scores
        self.groups = groups
        self.scorer = scorer
    }
}

/// Files of texts with scores or labels.
///
/// JSON lines: `id`, `text`, and the scores by attribute in an object `scores` (the interchange form), `labels`
/// or `attributes` (the output of `theriac score --json`), or as fields of their own. Tables have a column for
/// each attribute. A score is a number in 0...1 or true or false; null, an empty cell and an absent field are
/// unknown. Optional: `scorer` (a name, or an object with `name` and `revision`) or `detector`, and `groups`, a
/// list of names.
public enum ScoredTextFile {
    /// Reads the whole file. Bad lines are reported and the rest goes on.
    /// - Parameters: as ``TextFile/read(path:format:column:)``.
    public static func read(
        path: String, format: TextFormat? = nil, column: String? = nil
    ) throws -> Reading<ScoredText> {
        let rows = try RecordReader(path: path, format: format, names: [column ?? "text"] + fields)
        var reading = Reading<ScoredText>()
        while let row = try rows.next() {
            do throws(RowProblem) {
                reading.elements.append(try text(row))
            } catch {
                reading.problems.append(LineProblem(line: row.line, reason: error.reason))
            }
        }
        return reading
    }

    private struct RowProblem: Error {
        var reason: String
    }

    private static let groups = ["scores", "labels", "attributes"]
    private static let fields =
        ["id", "scorer", "detector", "groups"] + groups + Attribute.allCases.map(\.rawValue)

    private static func text(_ row: RecordReader.Row) throws(RowProblem) -> ScoredText {
        if let problem = row.problem { throw RowProblem(reason: problem) }
        func value(_ name: String) -> JSONValue? {
            guard let place = fields.firstIndex(of: name), place + 1 < row.values.count else { return nil }
            return row.values[place + 1]
        }
        var result = ScoredText(id: "\(row.index)", text: nil, scores: [:])
        do throws(IdentifierProblem) {
            if let id = try value("id")?.identifier() { result.id = id }
        } catch {
            throw RowProblem(reason: error.reason)
        }
        switch row.values[0] {
        case .string(let text)?: result.text = text
        case nil, .null?: break
        default: throw RowProblem(reason: "the field with the text is not a string")
        }
        for attribute in Attribute.allCases {
            let name = attribute.rawValue
            for group in groups {
                if let found = try score(value(group)?[name], name) { result.scores[attribute] = found }
            }
            if let found = try score(value(name), name) { result.scores[attribute] = found }
        }
        result.groups = (value("groups")?.elements ?? []).compactMap(\.text)
        result.scorer = scorer(value("scorer")) ?? value("detector")?.text
        return result
    }

    private static func score(_ value: JSONValue?, _ name: String) throws(RowProblem) -> Float? {
        let number: Double
        switch value {
        case nil, .null?, .string("")?: return nil
        case .bool(let flag)?: number = flag ? 1 : 0
        case .string(let cell)?:
            switch cell.lowercased() {
            case "true": number = 1
            case "false": number = 0
            default: number = Double(cell) ?? .nan
            }
        case let value?: number = value.double ?? .nan
        }
        guard (0...1).contains(number) else {
            throw RowProblem(reason: "the score '\(name)' is not a number in 0...1")
        }
        return Float(number)
    }

    private static func scorer(_ value: JSONValue?) -> String? {
        if let name = value?.text { return name }
        guard let name = value?["name"]?.text else { return nil }
        return value?["revision"]?.text.map { "\(name)@\($0)" } ?? name
    }
}
