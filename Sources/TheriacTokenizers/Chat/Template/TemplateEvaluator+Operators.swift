import Foundation

extension TemplateEvaluator {
    // MARK: Arithmetic

    func calculate(
        _ left: TemplateValue, _ operation: TemplateExpression.Arithmetic, _ right: TemplateValue
    ) throws -> TemplateValue {
        for case .undefined(let missing) in [left, right] { throw TemplateFailure(missing.reason) }
        switch (left, operation, right) {
        case (.text(let left), .add, .text(let right)):
            try spend(bytes: left.string.utf8.count + right.string.utf8.count)
            return .text(left.string + right.string)
        case (.list(let left), .add, .list(let right)) where left.isTuple == right.isTuple:
            try spend(left.elements.count + right.elements.count)
            return try .list(left.elements + right.elements, isTuple: left.isTuple)
        case (.text(let text), .multiply, _), (_, .multiply, .text(let text)):
            guard let count = left.wholeNumber ?? right.wholeNumber else { break }
            try spend(repeated: text.string.utf8.count / 16 + 1, count)
            return .text(String(repeating: text.string, count: max(count, 0)))
        case (.list(let list), .multiply, _), (_, .multiply, .list(let list)):
            guard let count = left.wholeNumber ?? right.wholeNumber else { break }
            try spend(repeated: list.elements.count, count)
            let repeated = Array(repeating: list.elements, count: max(count, 0)).flatMap { $0 }
            return try .list(repeated, isTuple: list.isTuple)
        default:
            if let left = left.wholeNumber, let right = right.wholeNumber {
                return try Self.calculate(left, operation, right)
            }
            if let left = left.anyNumber, let right = right.anyNumber {
                return .number(try Self.calculate(left, operation, right))
            }
        }
        throw TemplateFailure("'\(operation.rawValue)' does not work between \(left.kind) and \(right.kind)")
    }

    private func spend(repeated size: Int, _ count: Int) throws {
        let (product, overflow) = size.multipliedReportingOverflow(by: max(count, 0))
        try spend(overflow ? Int.max / 2 : min(product, Int.max / 2))
    }

    private static func calculate(
        _ left: Int, _ operation: TemplateExpression.Arithmetic, _ right: Int
    ) throws -> TemplateValue {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide: return .number(try calculate(Double(left), operation, Double(right)))
        case .floorDivide, .modulo:
            if right == 0 { throw TemplateFailure("a number is divided by 0") }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            let rest = left.remainderReportingOverflow(dividingBy: right).partialValue
            // Python rounds down, so that the rest has the divisor's sign.
            let isBelow = rest != 0 && (rest < 0) != (right < 0)
            result =
                operation == .modulo
                ? (isBelow ? rest + right : rest, false) : (isBelow ? quotient - 1 : quotient, overflow)
        case .power:
            if right < 0 { return .number(try calculate(Double(left), operation, Double(right))) }
            var power: (partialValue: Int, overflow: Bool) = (1, false)
            if left == 0 || left == 1 || left == -1 {
                power.partialValue = right == 0 || left == 1 ? 1 : left == 0 ? 0 : right % 2 == 0 ? 1 : -1
            } else {
                for _ in 0..<min(right, 64) where !power.overflow {
                    power = power.partialValue.multipliedReportingOverflow(by: left)
                }
            }
            result = power
        }
        if result.overflow { throw TemplateFailure("a whole number needs more than 64 bits") }
        return .integer(result.partialValue)
    }

    private static func calculate(
        _ left: Double, _ operation: TemplateExpression.Arithmetic, _ right: Double
    ) throws -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .power:
            if left == 0, right < 0 { throw TemplateFailure("a number is divided by 0") }
            return pow(left, right)
        case .divide, .floorDivide, .modulo:
            if right == 0 { throw TemplateFailure("a number is divided by 0") }
            if operation == .divide { return left / right }
            var rest = left.truncatingRemainder(dividingBy: right)
            if rest != 0, (rest < 0) != (right < 0) { rest += right }
            return operation == .modulo ? rest : ((left - rest) / right).rounded()
        }
    }

    func signed(_ value: TemplateValue, isNegative: Bool) throws -> TemplateValue {
        if let number = value.wholeNumber {
            return isNegative ? try calculate(.integer(0), .subtract, .integer(number)) : .integer(number)
        }
        if let number = value.anyNumber { return .number(isNegative ? -number : number) }
        if case .undefined(let missing) = value { throw TemplateFailure(missing.reason) }
        throw TemplateFailure("\(value.kind) has no sign")
    }

    // MARK: Comparison

    func compare(
        _ left: TemplateValue, _ operation: TemplateExpression.Comparison, _ right: TemplateValue
    ) throws -> Bool {
        switch operation {
        case .equal: try isEqual(left, right)
        case .unequal: try !isEqual(left, right)
        case .less: try isLess(left, right)
        case .greater: try isLess(right, left)
        case .lessOrEqual: try !isLess(right, left) && !hasNotANumber(left, right)
        case .greaterOrEqual: try !isLess(left, right) && !hasNotANumber(left, right)
        case .isIn: try contains(right, left)
        case .isNotIn: try !contains(right, left)
        }
    }

    private func hasNotANumber(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        left.anyNumber?.isNaN ?? false || right.anyNumber?.isNaN ?? false
    }

    func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        try spend()
        if let left = left.wholeNumber, let right = right.wholeNumber { return left == right }
        if let left = left.anyNumber, let right = right.anyNumber { return left == right }
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.text(let left), .text(let right)):
            try spend(bytes: min(left.string.utf8.count, right.string.utf8.count))
            return left == right
        case (.list(let left), .list(let right)):
            guard left.isTuple == right.isTuple, left.elements.count == right.elements.count else {
                return false
            }
            return try zip(left.elements, right.elements).allSatisfy { try isEqual($0, $1) }
        case (.mapping(let left), .mapping(let right)):
            guard left.count == right.count else { return false }
            return try zip(left.keys, left.values).allSatisfy { key, value in
                try right.value(of: key).map { try isEqual(value, $0) } ?? false
            }
        case (.iterator(let left), .iterator(let right)): return left === right
        case (.namespace(let left), .namespace(let right)): return left === right
        case (.loop(let left), .loop(let right)): return left === right
        case (.function(.macro(let left)), .function(.macro(let right))): return left === right
        default: return false
        }
    }

    func isLess(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        for case .undefined(let missing) in [left, right] { throw TemplateFailure(missing.reason) }
        try spend()
        if let left = left.wholeNumber, let right = right.wholeNumber { return left < right }
        if let left = left.anyNumber, let right = right.anyNumber { return left < right }
        switch (left, right) {
        case (.text(let left), .text(let right)):
            try spend(bytes: min(left.string.utf8.count, right.string.utf8.count))
            return left < right
        case (.list(let left), .list(let right)) where left.isTuple == right.isTuple:
            for (left, right) in zip(left.elements, right.elements) where try !isEqual(left, right) {
                return try isLess(left, right)
            }
            return left.elements.count < right.elements.count
        default: throw TemplateFailure("\(left.kind) and \(right.kind) have no order")
        }
    }

    func contains(_ container: TemplateValue, _ value: TemplateValue) throws -> Bool {
        switch container {
        case .text(let text):
            guard case .text(let part) = value else {
                throw TemplateFailure("a string holds strings, so \(value.kind) cannot be looked for in it")
            }
            try spend(bytes: text.string.utf8.count)
            return text.contains(part)
        case .mapping(let mapping):
            switch value {
            case .list(let list) where !list.isTuple: throw TemplateFailure("a list cannot be a key")
            case .mapping: throw TemplateFailure("a mapping cannot be a key")
            default: return mapping.value(of: value) != nil
            }
        case .iterator(let iterator):
            while let element = iterator.takeFirst() {
                if try isEqual(element, value) { return true }
            }
            return false
        default: return try elements(of: container).contains { try isEqual($0, value) }
        }
    }
}

extension TemplateValue {
    /// A whole number, or a boolean as 0 or 1.
    var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Any number, or a boolean as 0 or 1.
    var anyNumber: Double? {
        if case .number(let value) = self { return value }
        return wholeNumber.map(Double.init)
    }
}
