/// Expressions, from the loosest operator to the tightest.
extension TemplateParser {
    typealias Expression = TemplateExpression

    /// An expression, or several with commas between.
    mutating func tuple(
        allowsConditional: Bool = true, end: String? = nil, isInParentheses: Bool = false
    ) throws -> Expression {
        let line = token.line
        var elements: [Expression] = []
        var isTuple = false
        while !endsTuple(end) {
            elements.append(allowsConditional ? try expression() : try nested { try $0.disjunction() })
            guard skip(symbol: ",") else { break }
            isTuple = true
        }
        if !isTuple, let only = elements.first { return only }
        guard isTuple || isInParentheses else {
            throw failure("expected an expression and found \(token.description)")
        }
        return Expression(line: line, form: .tuple(elements))
    }

    private func endsTuple(_ end: String?) -> Bool {
        switch token.kind {
        case .variableEnd, .blockEnd, .symbol(")"): true
        case .name(let name): name == end
        default: false
        }
    }

    mutating func expression() throws -> Expression {
        try nested { parser in
            var value = try parser.disjunction()
            var turns = 0
            while parser.isName("if") {
                // Each turn wraps the value once more.
                turns += 1
                if turns > Self.maximumDepth { throw parser.failure("too many conditions in one expression") }
                let line = parser.next().line
                let test = try parser.disjunction()
                let otherwise = parser.skip(name: "else") ? try parser.expression() : nil
                value = Expression(line: line, form: .conditional(value, test: test, otherwise: otherwise))
            }
            return value
        }
    }

    private mutating func disjunction() throws -> Expression {
        let line = token.line
        var operands = [try conjunction()]
        while skip(name: "or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : Expression(line: line, form: .or(operands))
    }

    private mutating func conjunction() throws -> Expression {
        let line = token.line
        var operands = [try negation()]
        while skip(name: "and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : Expression(line: line, form: .and(operands))
    }

    private mutating func negation() throws -> Expression {
        let line = token.line
        guard skip(name: "not") else { return try comparison() }
        return Expression(line: line, form: .not(try nested { try $0.negation() }))
    }

    private mutating func comparison() throws -> Expression {
        let line = token.line
        let first = try sum()
        var rest: [(operation: Expression.Comparison, operand: Expression)] = []
        while true {
            if case .symbol(let symbol) = token.kind, let operation = Expression.Comparison(rawValue: symbol)
            {
                next()
                rest.append((operation, try sum()))
            } else if skip(name: "in") {
                rest.append((.isIn, try sum()))
            } else if isName("not"), following.kind == .name("in") {
                next()
                next()
                rest.append((.isNotIn, try sum()))
            } else {
                return rest.isEmpty ? first : Expression(line: line, form: .comparison(first, rest))
            }
        }
    }

    private mutating func sum() throws -> Expression {
        try arithmetic(["+", "-"]) { try $0.concatenation() }
    }

    private mutating func concatenation() throws -> Expression {
        let line = token.line
        var operands = [try product()]
        while skip(symbol: "~") { operands.append(try product()) }
        return operands.count == 1 ? operands[0] : Expression(line: line, form: .concatenation(operands))
    }

    private mutating func product() throws -> Expression {
        try arithmetic(["*", "/", "//", "%"]) { parser in
            try parser.arithmetic(["**"]) { try $0.unary() }
        }
    }

    /// Operands with operators of one precedence between, from left to right, powers too.
    private mutating func arithmetic(
        _ operators: [String], operand: (inout TemplateParser) throws -> Expression
    ) throws -> Expression {
        let line = token.line
        let first = try operand(&self)
        var rest: [(operation: Expression.Arithmetic, operand: Expression)] = []
        while case .symbol(let symbol) = token.kind, operators.contains(symbol),
            let operation = Expression.Arithmetic(rawValue: symbol)
        {
            next()
            rest.append((operation, try operand(&self)))
        }
        return rest.isEmpty ? first : Expression(line: line, form: .arithmetic(first, rest))
    }

    private mutating func unary(allowsFilters: Bool = true) throws -> Expression {
        let line = token.line
        var value: Expression
        if isSymbol("-") || isSymbol("+") {
            let isNegative = next().kind == .symbol("-")
            let operand = try nested { try $0.unary(allowsFilters: false) }
            value = Expression(line: line, form: .sign(operand, isNegative: isNegative))
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return allowsFilters ? try filtersAndTests(value) : value
    }

    mutating func primary() throws -> Expression {
        let line = token.line
        func literal(_ literal: Expression.Literal) -> Expression {
            Expression(line: line, form: .literal(literal))
        }
        let found = next()
        switch found.kind {
        case .name("true"), .name("True"): return literal(.bool(true))
        case .name("false"), .name("False"): return literal(.bool(false))
        case .name("none"), .name("None"): return literal(.none)
        case .name(let name): return Expression(line: line, form: .name(name))
        case .string(var text):
            while case .string(let more) = token.kind {
                text += more
                next()
            }
            return literal(.text(TemplateText(text)))
        case .integer(let value): return literal(.integer(value))
        case .number(let value): return literal(.number(value))
        case .symbol("("):
            let value = try nested { try $0.tuple(isInParentheses: true) }
            try expect(.symbol(")"))
            return value
        case .symbol("["):
            let elements = try separated(until: "]") { try $0.expression() }
            return Expression(line: line, form: .list(elements))
        case .symbol("{"):
            let fields = try separated(until: "}") { parser in
                let key = try parser.expression()
                try parser.expect(.symbol(":"))
                return (key: key, value: try parser.expression())
            }
            return Expression(line: line, form: .mapping(fields))
        default:
            throw TemplateFailure("expected an expression and found \(found.description)", line: line)
        }
    }

    /// Elements with commas between; one may stand at the end.
    private mutating func separated<Element>(
        until end: String, _ element: (inout TemplateParser) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        while !isSymbol(end) {
            if !elements.isEmpty { try expect(.symbol(",")) }
            if isSymbol(end) { break }
            elements.append(try element(&self))
        }
        next()
        return elements
    }
}
