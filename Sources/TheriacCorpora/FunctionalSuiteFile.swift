import TheriacFiles

/// One case of a functional test suite: a short text, what it tests, and what is right.
public struct FunctionalCase: Sendable, Equatable {
    public var text: String
    /// The tested capability, such as `negate_neg_nh`.
    public var functionality: String
    public var isHateful: Bool
    /// The group that it mentions; nil: none.
    public var target: String?

    public init(text: String, functionality: String, isHateful: Bool, target: String?) {
        self.text = text
        self.functionality = functionality
        self.isHateful = isHateful
        self.target = target
    }
}

/// Reads functional suites in the forms of HateCheck (`functionality`, `test_case`, `label_gold`, `target_ident`) and
/// HatemojiCheck (`functionality`, `text`, `hate`, `target`), as a table or as JSON lines.
///
/// Source: Röttger, Vidgen, Nguyen, Waseem, Margetts, Pierrehumbert, *HateCheck: Functional Tests for Hate Speech Detection
/// Models*, ACL 2021.
public enum FunctionalSuiteFile {
    private static let rest = [
        "functionality", "label_gold", "hate", "target_ident", "target", "test_case", "text",
    ]

    /// - Throws: an error when the file cannot be read or has no texts; bad rows are reported and the rest goes on.
    public static func read(path: String) throws -> Reading<FunctionalCase> {
        let reader: RecordReader
        do {
            reader = try RecordReader(path: path, format: nil, names: ["test_case"] + rest)
        } catch CorporaError.missingColumn {
            reader = try RecordReader(path: path, format: nil, names: ["text"] + rest)
        }
        var reading = Reading<FunctionalCase>()
        while let row = try reader.next() {
            do throws(DatasetRow.Problem) {
                if let problem = row.problem { throw DatasetRow.Problem(reason: problem) }
                reading.elements.append(try make(row.values))
            } catch {
                reading.problems.append(LineProblem(line: row.line, reason: error.reason))
            }
        }
        return reading
    }

    private static func make(_ values: [JSONValue?]) throws(DatasetRow.Problem) -> FunctionalCase {
        let fields = Dictionary(
            zip(["first"] + rest, values).compactMap { name, value in value.map { (name, $0) } },
            uniquingKeysWith: { one, _ in one })
        guard let text = (fields["first"] ?? fields["test_case"] ?? fields["text"])?.text else {
            throw DatasetRow.Problem(reason: "it has no text ('test_case' or 'text')")
        }
        guard let functionality = fields["functionality"]?.text, !functionality.isEmpty else {
            throw DatasetRow.Problem(reason: "the field 'functionality' is missing")
        }
        let isHateful: Bool
        switch fields["label_gold"] ?? fields["hate"] {
        case .string("hateful")?, .string("1")?, .integer(1)?, .bool(true)?: isHateful = true
        case .string("non-hateful")?, .string("0")?, .integer(0)?, .bool(false)?: isHateful = false
        default:
            throw DatasetRow.Problem(
                reason: "'label_gold' is neither hateful nor non-hateful, and 'hate' not 0 or 1")
        }
        let target = (fields["target_ident"] ?? fields["target"])?.text
        let isNone = target.map { ["", "none", "nan"].contains($0.lowercased()) } ?? true
        return FunctionalCase(
            text: text, functionality: functionality, isHateful: isHateful, target: isNone ? nil : target)
    }
}

/// Reads a table of texts with a label and a group of any kind, such as a dialect: fields `text`, `toxic` (0 or 1) and
/// `group`.
public enum GroupedTextFile {
    public static func read(path: String) throws -> Reading<(text: String, isToxic: Bool, group: String)> {
        let reader = try RecordReader(path: path, format: nil, names: ["text", "toxic", "group"])
        var reading = Reading<(text: String, isToxic: Bool, group: String)>()
        while let row = try reader.next() {
            func fail(_ reason: String) {
                reading.problems.append(LineProblem(line: row.line, reason: reason))
            }
            if let problem = row.problem {
                fail(problem)
                continue
            }
            guard let text = row.values[0]?.text else {
                fail("the field 'text' is not a string")
                continue
            }
            let group = row.values[2]?.text ?? ""
            switch row.values[1] {
            case .string("1")?, .integer(1)?, .bool(true)?: reading.elements.append((text, true, group))
            case .string("0")?, .integer(0)?, .bool(false)?: reading.elements.append((text, false, group))
            default: fail("the field 'toxic' is neither 0 nor 1")
            }
        }
        return reading
    }
}
