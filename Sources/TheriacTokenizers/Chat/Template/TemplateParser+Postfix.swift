/// What follows a value: its parts, calls, filters and tests.
extension TemplateParser {
    /// `.name`, `[key]` and calls after a value. Each wraps it once more, so their number is bounded.
    mutating func postfix(_ value: Expression) throws -> Expression {
        var value = value
        for _ in 0..<Self.maximumDepth {
            let line = token.line
            if skip(symbol: ".") {
                if case .integer(let place) = token.kind {
                    next()
                    let key = Expression(line: line, form: .literal(.integer(place)))
                    value = Expression(line: line, form: .item(value, key))
                } else {
                    value = Expression(line: line, form: .attribute(value, try expectName()))
                }
            } else if skip(symbol: "[") {
                value = Expression(line: line, form: try subscripted(value))
                try expect(.symbol("]"))
            } else if isSymbol("(") {
                value = Expression(line: line, form: .call(value, try arguments()))
            } else {
                return value
            }
        }
        throw failure("more than \(Self.maximumDepth) accesses to one value")
    }

    private mutating func subscripted(_ value: Expression) throws -> Expression.Form {
        let from = isSymbol(":") ? nil : try expression()
        guard skip(symbol: ":") else {
            guard let from else { throw failure("expected an expression and found \(token.description)") }
            return .item(value, from)
        }
        let to = isSymbol(":") || isSymbol("]") ? nil : try expression()
        let step = skip(symbol: ":") && !isSymbol("]") ? try expression() : nil
        return .slice(value, from: from, to: to, step: step)
    }

    mutating func filtersAndTests(_ value: Expression) throws -> Expression {
        var value = value
        for _ in 0..<Self.maximumDepth {
            let line = token.line
            if isSymbol("|") {
                let filter = try filterCall()
                value = Expression(line: filter.line, form: .filter(value, filter.name, filter.arguments))
            } else if isName("is") {
                value = try test(value)
            } else if isSymbol("(") {
                value = Expression(line: line, form: .call(value, try arguments()))
            } else {
                return value
            }
        }
        throw failure("more than \(Self.maximumDepth) filters on one value")
    }

    private mutating func test(_ value: Expression) throws -> Expression {
        let line = next().line
        let isNegated = skip(name: "not")
        let name = try dottedName()
        var arguments = Expression.CallArguments()
        switch token.kind {
        case .symbol("("): arguments = try self.arguments()
        case .name("else"), .name("or"), .name("and"): break
        case .name("is"): throw failure("tests cannot be chained with 'is'")
        case .name, .string, .integer, .number, .symbol("["), .symbol("{"):
            arguments.positional = [try nested { try $0.postfix(try $0.primary()) }]
        default: break
        }
        let test = Expression(line: line, form: .test(value, name, arguments))
        return isNegated ? Expression(line: line, form: .not(test)) : test
    }

    private mutating func dottedName() throws -> String {
        var name = try expectName()
        while skip(symbol: ".") { name += "." + (try expectName()) }
        return name
    }

    /// The filters of a block; the first of `{% filter name %}` comes without a bar.
    mutating func filterCalls(startsInline: Bool) throws -> [TemplateStatement.FilterCall] {
        var calls = startsInline ? [try filterCall()] : []
        while isSymbol("|") { calls.append(try filterCall()) }
        return calls
    }

    private mutating func filterCall() throws -> TemplateStatement.FilterCall {
        _ = skip(symbol: "|")
        let line = token.line
        let name = try dottedName()
        return .init(name: name, arguments: isSymbol("(") ? try arguments() : .init(), line: line)
    }

    private mutating func arguments() throws -> Expression.CallArguments {
        try expect(.symbol("("))
        var arguments = Expression.CallArguments()
        var isFirst = true
        while !isSymbol(")") {
            if !isFirst { try expect(.symbol(",")) }
            if isSymbol(")") { break }
            isFirst = false
            if skip(symbol: "*") {
                arguments.list = try expression()
            } else if skip(symbol: "**") {
                arguments.mapping = try expression()
            } else if case .name(let name) = token.kind, following.kind == .symbol("=") {
                next()
                next()
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty, arguments.list == nil, arguments.mapping == nil else {
                    throw failure("an argument without a name follows one with a name")
                }
                arguments.positional.append(try expression())
            }
        }
        next()
        return arguments
    }
}
