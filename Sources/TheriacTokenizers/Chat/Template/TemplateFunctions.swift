import Foundation

/// Functions that every template has, by name.
enum TemplateFunctions {
    typealias Function = @Sendable (TemplateArguments, TemplateEvaluator) throws -> TemplateValue

    static let all: [String: Function] = [
        "range": range,
        "namespace": { arguments, evaluator in
            let namespace = evaluator.makeNamespace()
            let fields = try fields(arguments, evaluator)
            for (key, value) in zip(fields.keys, fields.values) {
                namespace.values[try evaluator.string(key)] = value
            }
            return .namespace(namespace)
        },
        "dict": { arguments, evaluator in .mapping(try fields(arguments, evaluator)) },
        "raise_exception": { arguments, evaluator in
            var failure = TemplateFailure(
                try evaluator.string(try arguments.bound(to: "message")[0] ?? .text("")))
            failure.isRefusal = true
            throw failure
        },
        "strftime_now": { arguments, evaluator in
            guard case .text(let format)? = try arguments.bound(to: "format")[0] else {
                throw TemplateFailure("'strftime_now' needs a format")
            }
            return .text(try formatted(evaluator.date, format.string))
        },
    ]

    /// Longer ranges are refused, as in transformers.
    private static let longestRange = 100_000

    private static let range: Function = { arguments, evaluator in
        let given = try arguments.bound(to: "start", "stop", "step").map { value in
            guard let value else { return Int?.none }
            guard let number = value.wholeNumber else { throw TemplateFailure("'range' needs whole numbers") }
            return number
        }
        guard let first = given[0] else { throw TemplateFailure("'range' needs an end") }
        let (start, end, step) = (given[1] == nil ? 0 : first, given[1] ?? first, given[2] ?? 1)
        if step == 0 { throw TemplateFailure("the step of a range is 0") }
        let (distance, overflow) = end.subtractingReportingOverflow(start)
        guard !overflow, step != .min, distance.magnitude / step.magnitude < longestRange else {
            if !overflow, (distance < 0) != (step < 0) { return try .list([]) }
            throw TemplateFailure("a range has more than \(longestRange) elements")
        }
        let numbers = Array(stride(from: start, to: end, by: step))
        try evaluator.spend(numbers.count)
        return try .list(numbers.map { .integer($0) })
    }

    /// The fields of `dict(…)` and `namespace(…)`: of a mapping or pairs, then of named arguments.
    private static func fields(
        _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator
    ) throws -> TemplateMapping {
        guard arguments.positional.count <= 1 else {
            throw TemplateFailure("more than one argument without a name")
        }
        var fields = TemplateMapping()
        switch arguments.positional.first {
        case nil: break
        case .mapping(let mapping)?: fields = mapping
        case let pairs?:
            for pair in try evaluator.elements(of: pairs) {
                let parts = try evaluator.elements(of: pair)
                guard parts.count == 2 else {
                    throw TemplateFailure("fields must be pairs of name and value")
                }
                try fields.set(parts[0], to: parts[1])
            }
        }
        for (name, value) in arguments.named { try fields.set(.text(name), to: value) }
        return fields
    }

    /// The local time by the C library's `strftime`.
    private static func formatted(_ date: Date, _ format: String) throws -> String {
        if format.isEmpty { return "" }
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        localtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 256 + 32 * format.utf8.count)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
