extension TemplateEvaluator {
    /// The value of an expression.
    func value(_ expression: TemplateExpression) throws -> TemplateValue {
        try nested(line: expression.line) {
            switch expression.form {
            case .literal(let literal): TemplateValue(literal)
            case .name(let name):
                scope.value(of: name) ?? TemplateFunctions.all[name].map { .function(.builtin(name, $0)) }
                    ?? .undefined(.variable(name))
            case .attribute(let owner, let name): try attribute(name, of: try value(owner))
            case .item(let owner, let key): try item(try value(key), of: try value(owner))
            case .not(let operand): .bool(try !value(operand).isTrue)
            case .and(let operands): try first(of: operands, being: false)
            case .or(let operands): try first(of: operands, being: true)
            case .conditional(let result, let test, let otherwise):
                try conditional(result, test: test, otherwise: otherwise)
            default: try composed(expression)
            }
        }
    }

    private func composed(_ expression: TemplateExpression) throws -> TemplateValue {
        switch expression.form {
        case .list(let elements): return try .list(try elements.map(value))
        case .tuple(let elements): return try .list(try elements.map(value), isTuple: true)
        case .mapping(let fields):
            var mapping = TemplateMapping()
            for field in fields { try mapping.set(try value(field.key), to: try value(field.value)) }
            return .mapping(mapping)
        case .slice(let owner, let from, let to, let step):
            return try slice(
                try value(owner), from: try from.map(value), to: try to.map(value), step: try step.map(value))
        case .call(let callee, let arguments):
            let function = try value(callee)
            return try call(function, try self.arguments(arguments))
        case .filter(let operand, let name, let arguments):
            let operand = try value(operand)
            return try filter(operand, name, try self.arguments(arguments))
        case .test(let operand, let name, let arguments):
            let operand = try value(operand)
            return .bool(try test(operand, name, try self.arguments(arguments)))
        case .sign(let operand, let isNegative): return try signed(try value(operand), isNegative: isNegative)
        case .arithmetic(let first, let rest):
            return try rest.reduce(try value(first)) {
                try calculate($0, $1.operation, try value($1.operand))
            }
        case .concatenation(let operands):
            var text = ""
            for operand in operands {
                text += try string(try value(operand))
                try spend(bytes: text.utf8.count)
            }
            return .text(text)
        case .comparison(let first, let rest): return try compared(try value(first), rest)
        default: throw TemplateFailure("an expression cannot be evaluated")
        }
    }

    /// The first operand that decides, or the last one.
    private func first(of operands: [TemplateExpression], being wanted: Bool) throws -> TemplateValue {
        var last = TemplateValue.none
        for operand in operands {
            last = try value(operand)
            if last.isTrue == wanted { break }
        }
        return last
    }

    private func conditional(
        _ result: TemplateExpression, test: TemplateExpression, otherwise: TemplateExpression?
    ) throws -> TemplateValue {
        if try value(test).isTrue { return try value(result) }
        guard let otherwise else {
            return .undefined(.other("the condition is false and there is no 'else'"))
        }
        return try value(otherwise)
    }

    private func compared(
        _ first: TemplateValue,
        _ rest: [(operation: TemplateExpression.Comparison, operand: TemplateExpression)]
    ) throws -> TemplateValue {
        var left = first
        for (operation, operand) in rest {
            let right = try value(operand)
            if try !compare(left, operation, right) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    // MARK: Parts of values

    /// `owner.name`: a method, then a field.
    func attribute(_ name: String, of owner: TemplateValue) throws -> TemplateValue {
        switch owner {
        case .undefined(let missing): throw TemplateFailure(missing.reason)
        case .mapping(let mapping):
            return TemplateMethods.method(name, of: owner) ?? mapping.value(of: name)
                ?? .undefined(.attribute(name, of: owner.kind))
        case .namespace(let namespace):
            return namespace.values[name] ?? .undefined(.attribute(name, of: owner.kind))
        case .loop(let loop):
            return loop.value(of: name) ?? TemplateMethods.method(name, of: owner)
                ?? .undefined(.attribute(name, of: owner.kind))
        default:
            return TemplateMethods.method(name, of: owner) ?? .undefined(.attribute(name, of: owner.kind))
        }
    }

    /// `owner[key]`: an element, then an attribute.
    func item(_ key: TemplateValue, of owner: TemplateValue) throws -> TemplateValue {
        if case .undefined(let missing) = owner { throw TemplateFailure(missing.reason) }
        switch (owner, key) {
        case (.mapping(let mapping), _):
            if let value = mapping.value(of: key) { return value }
        case (.list(let list), .integer(let place)):
            let index = place < 0 ? place + list.elements.count : place
            if list.elements.indices.contains(index) { return list.elements[index] }
        case (.list, .bool(let value)): return try item(.integer(value ? 1 : 0), of: owner)
        case (.text(let text), .integer(let place)):
            let scalars = text.scalars
            try spend(bytes: text.string.utf8.count)
            let index =
                place < 0
                ? scalars.index(scalars.endIndex, offsetBy: place, limitedBy: scalars.startIndex)
                : scalars.index(scalars.startIndex, offsetBy: place, limitedBy: scalars.endIndex)
            if let index, index < scalars.endIndex {
                return .text(TemplateText(CollectionOfOne(scalars[index])))
            }
        default: break
        }
        guard case .text(let name) = key else { return .undefined(.element(of: owner.kind)) }
        if case .mapping = owner {
            return TemplateMethods.method(name.string, of: owner) ?? .undefined(.element(of: owner.kind))
        }
        return try attribute(name.string, of: owner)
    }

    /// `owner[from:to:step]` by Python's rules.
    private func slice(
        _ owner: TemplateValue, from: TemplateValue?, to: TemplateValue?, step: TemplateValue?
    ) throws -> TemplateValue {
        func bound(_ value: TemplateValue?) throws -> Int? {
            switch value {
            case nil, .some(.none): return nil
            case .integer(let value): return value
            case .bool(let value): return value ? 1 : 0
            default:
                throw TemplateFailure(
                    "a slice goes from \(value?.kind ?? "nothing") and not from a whole number")
            }
        }
        func places(_ count: Int) throws -> [Int] {
            let step = try bound(step) ?? 1
            if step == 0 { throw TemplateFailure("the step of a slice is 0") }
            let (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1)
            func clamped(_ place: Int?, absent: Int) -> Int {
                guard let place else { return absent }
                return min(max(place < 0 ? max(place, -count - 1) + count : place, lowest), highest)
            }
            let start = clamped(try bound(from), absent: step > 0 ? lowest : highest)
            let end = clamped(try bound(to), absent: step > 0 ? highest : lowest)
            try spend(count)
            return Array(stride(from: start, to: end, by: min(max(step, -count - 1), count + 1)))
        }
        switch owner {
        case .undefined(let missing): throw TemplateFailure(missing.reason)
        case .list(let list):
            let places = try places(list.elements.count)
            return try .list(places.map { list.elements[$0] }, isTuple: list.isTuple)
        case .text(let text):
            let scalars = Array(text.scalars)
            return .text(TemplateText(try places(scalars.count).map { scalars[$0] }))
        default: return .undefined(.other("\(owner.kind) cannot be sliced"))
        }
    }

    // MARK: Calls

    func arguments(_ arguments: TemplateExpression.CallArguments) throws -> TemplateArguments {
        var result = TemplateArguments()
        result.positional = try arguments.positional.map(value)
        result.named = try arguments.named.map { ($0.name, try value($0.value)) }
        if let list = arguments.list { result.positional += try elements(of: try value(list)) }
        if let expression = arguments.mapping {
            guard case .mapping(let mapping) = try value(expression) else {
                throw TemplateFailure("what follows '**' must be a mapping")
            }
            for (key, value) in zip(mapping.keys, mapping.values) {
                guard case .text(let name) = key else {
                    throw TemplateFailure("names of arguments must be strings")
                }
                result.named.append((name.string, value))
            }
        }
        return result
    }

    func call(_ callee: TemplateValue, _ arguments: TemplateArguments) throws -> TemplateValue {
        switch callee {
        case .function(.builtin(_, let function)): return try function(arguments, self)
        case .function(.method(_, let method, let receiver)): return try method(receiver, arguments, self)
        case .function(.macro(let macro)): return try call(macro, arguments)
        case .undefined(let missing): throw TemplateFailure(missing.reason)
        default: throw TemplateFailure("\(callee.kind) cannot be called")
        }
    }

    private func call(_ macro: TemplateMacro, _ arguments: TemplateArguments) throws -> TemplateValue {
        let definition = macro.definition
        let inner = TemplateScope(outer: macro.scope)
        var named = arguments.named
        guard arguments.positional.count <= definition.parameters.count else {
            throw TemplateFailure(
                "'\(definition.name)' takes at most \(definition.parameters.count) arguments")
        }
        try within(inner) {
            for (index, parameter) in definition.parameters.enumerated() {
                let value: TemplateValue
                if index < arguments.positional.count {
                    value = arguments.positional[index]
                } else if let place = named.firstIndex(where: { $0.name == parameter.name }) {
                    value = named.remove(at: place).value
                } else if let expression = parameter.value {
                    value = try self.value(expression)
                } else {
                    value = .undefined(.other("parameter '\(parameter.name)' was not given"))
                }
                inner.variables[parameter.name] = value
            }
        }
        if let place = named.firstIndex(where: { $0.name == "caller" }) {
            inner.variables["caller"] = named.remove(at: place).value
        }
        if let left = named.first {
            throw TemplateFailure("'\(definition.name)' takes no argument '\(left.name)'")
        }
        return .text(try captured(definition.body, in: inner).0)
    }

    func filter(
        _ value: TemplateValue, _ name: String, _ arguments: TemplateArguments
    ) throws -> TemplateValue {
        guard let filter = TemplateFilters.all[name] else {
            throw TemplateFailure("there is no filter '\(name)'")
        }
        return try filter(value, arguments, self)
    }

    func test(_ value: TemplateValue, _ name: String, _ arguments: TemplateArguments) throws -> Bool {
        guard let test = TemplateTests.all[name] else { throw TemplateFailure("there is no test '\(name)'") }
        return try test(value, arguments, self)
    }
}
