/// Tests by name, as in `value is name(…)`.
enum TemplateTests {
    typealias Test = @Sendable (TemplateValue, TemplateArguments, TemplateEvaluator) throws -> Bool

    static let all: [String: Test] = kinds.merging(comparisons) { first, _ in first }

    private static let kinds: [String: Test] = [
        "defined": plain { !$0.isUndefined },
        "undefined": plain { $0.isUndefined },
        "none": plain { if case .none = $0 { true } else { false } },
        "boolean": plain { if case .bool = $0 { true } else { false } },
        "true": plain { if case .bool(true) = $0 { true } else { false } },
        "false": plain { if case .bool(false) = $0 { true } else { false } },
        "integer": plain { if case .integer = $0 { true } else { false } },
        "float": plain { if case .number = $0 { true } else { false } },
        "number": plain { $0.anyNumber != nil },
        "string": plain { if case .text = $0 { true } else { false } },
        "mapping": plain { if case .mapping = $0 { true } else { false } },
        "iterable": plain { value in
            switch value {
            case .undefined, .text, .list, .mapping, .iterator, .loop: true
            default: false
            }
        },
        "sequence": plain { value in
            switch value {
            case .undefined, .text, .list, .mapping: true
            default: false
            }
        },
        "callable": plain { value in
            // An undefined value has the method that calls need, if only to fail in it.
            switch value {
            case .undefined, .function: true
            default: false
            }
        },
        "lower": { value, _, evaluator in isCased(try evaluator.string(value), isUpper: false) },
        "upper": { value, _, evaluator in isCased(try evaluator.string(value), isUpper: true) },
        "escaped": plain { _ in false },
        "filter": { value, _, evaluator in TemplateFilters.all[try evaluator.string(value)] != nil },
        "test": { value, _, evaluator in all[try evaluator.string(value)] != nil },
        "odd": { value, _, evaluator in try remainder(value, .integer(2), evaluator).anyNumber == 1 },
        "even": { value, _, evaluator in try remainder(value, .integer(2), evaluator).anyNumber == 0 },
        "divisibleby": { value, arguments, evaluator in
            guard let divisor = try arguments.bound(to: "num")[0] else { throw missingArgument }
            return try remainder(value, divisor, evaluator).anyNumber == 0
        },
        "sameas": { value, arguments, evaluator in
            guard let other = try arguments.bound(to: "other")[0] else { throw missingArgument }
            switch (value, other) {
            case (.none, .none): return true
            case (.bool(let value), .bool(let other)): return value == other
            case (.integer(let value), .integer(let other)): return value == other
            case (.text(let value), .text(let other)): return value == other
            case (.namespace(let value), .namespace(let other)): return value === other
            default: return false
            }
        },
    ]

    private static let comparisons: [String: Test] = [
        "==": compared(.equal), "eq": compared(.equal), "equalto": compared(.equal),
        "!=": compared(.unequal), "ne": compared(.unequal),
        "<": compared(.less), "lt": compared(.less), "lessthan": compared(.less),
        "<=": compared(.lessOrEqual), "le": compared(.lessOrEqual),
        ">": compared(.greater), "gt": compared(.greater), "greaterthan": compared(.greater),
        ">=": compared(.greaterOrEqual), "ge": compared(.greaterOrEqual),
        "in": compared(.isIn),
    ]

    private static let missingArgument = TemplateFailure("a test lacks what to compare with")

    private static func plain(_ test: @escaping @Sendable (TemplateValue) -> Bool) -> Test {
        { value, arguments, _ in
            _ = try arguments.bound()
            return test(value)
        }
    }

    private static func compared(_ operation: TemplateExpression.Comparison) -> Test {
        { value, arguments, evaluator in
            guard let other = try arguments.bound(to: "other")[0] else { throw missingArgument }
            return try evaluator.compare(value, operation, other)
        }
    }

    private static func remainder(
        _ value: TemplateValue, _ divisor: TemplateValue, _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        try evaluator.calculate(value, .modulo, divisor)
    }

    /// Whether there are letters with case, all of one.
    static func isCased(_ text: String, isUpper: Bool) -> Bool {
        let cased = text.unicodeScalars.filter { $0.properties.isUppercase || $0.properties.isLowercase }
        return !cased.isEmpty
            && cased.allSatisfy { isUpper ? $0.properties.isUppercase : $0.properties.isLowercase }
    }
}
