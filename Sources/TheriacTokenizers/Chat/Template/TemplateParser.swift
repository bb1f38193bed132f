/// Reads statements from tokens; expressions are in an extension.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    /// Loops around the statement, within its macro.
    private var loops = 0

    /// Deeper nesting is refused, so that a hostile template cannot exhaust the stack.
    static let maximumDepth = 64

    init(_ tokens: [TemplateToken]) { self.tokens = tokens }

    mutating func template() throws -> [TemplateStatement] { try body(until: []) }

    // MARK: Tokens

    var token: TemplateToken { tokens[position] }
    var following: TemplateToken { tokens[min(position + 1, tokens.count - 1)] }

    /// Takes the token. The last one, the end of the template, stays.
    @discardableResult mutating func next() -> TemplateToken {
        let token = token
        if position + 1 < tokens.count { position += 1 }
        return token
    }

    func isName(_ name: String) -> Bool { token.kind == .name(name) }
    func isSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    mutating func skip(name: String) -> Bool {
        guard isName(name) else { return false }
        next()
        return true
    }

    mutating func skip(symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        next()
        return true
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws {
        let wanted = TemplateToken(kind: kind, line: token.line).description
        guard token.kind == kind else { throw failure("expected \(wanted) and found \(token.description)") }
        next()
    }

    mutating func expectName() throws -> String {
        guard case .name(let name) = token.kind else {
            throw failure("expected a name and found \(token.description)")
        }
        next()
        return name
    }

    func failure(_ reason: String) -> TemplateFailure { TemplateFailure(reason, line: token.line) }

    /// Reads what lies one level deeper.
    mutating func nested<Result>(_ read: (inout TemplateParser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.maximumDepth { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        return try read(&self)
    }

    // MARK: Statements

    /// Statements up to a block that begins with one of `ends`, which is left at its name; to the end of the
    /// template when there are none.
    private mutating func body(until ends: [String]) throws -> [TemplateStatement] {
        try nested { parser in
            var statements: [TemplateStatement] = []
            while true {
                switch parser.token.kind {
                case .end:
                    if ends.isEmpty { return statements }
                    throw parser.failure("expected '\(ends.joined(separator: "' or '"))' before the end")
                case .text(let text):
                    parser.next()
                    statements.append(.text(text))
                case .variableBegin:
                    parser.next()
                    statements.append(.output(try parser.tuple()))
                    try parser.expect(.variableEnd)
                case .blockBegin:
                    parser.next()
                    if case .name(let name) = parser.token.kind, ends.contains(name) { return statements }
                    statements.append(try parser.statement())
                    try parser.expect(.blockEnd)
                default: throw parser.failure("\(parser.token.description) means nothing here")
                }
            }
        }
    }

    /// Statements between the end of a block and the block that closes it, whose name is taken.
    private mutating func body(closedBy end: String) throws -> [TemplateStatement] {
        try expect(.blockEnd)
        let statements = try body(until: [end])
        next()
        return statements
    }

    private mutating func statement() throws -> TemplateStatement {
        let line = token.line
        switch try expectName() {
        case "if": return try condition()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro":
            let name = try expectName()
            return .macro(try macro(name, closedBy: "endmacro"))
        case "call": return try call(line)
        case "filter":
            let filters = try filterCalls(startsInline: true)
            return .filtered(filters, try body(closedBy: "endfilter"))
        case "with": return try with()
        case "generation": return .scope([], try outsideLoops { try $0.body(closedBy: "endgeneration") })
        case "print":
            let values = try tuple()
            guard case .tuple(let elements) = values.form else { return .output(values) }
            return .output(TemplateExpression(line: line, form: .concatenation(elements)))
        case "break" where loops > 0: return .breakLoop
        case "continue" where loops > 0: return .continueLoop
        case let name where ["break", "continue"].contains(name):
            throw TemplateFailure("'\(name)' stands outside of a loop", line: line)
        case let name:
            throw TemplateFailure("'\(name)' is no statement that chat templates use", line: line)
        }
    }

    private mutating func condition() throws -> TemplateStatement {
        var branches: [(test: TemplateExpression, body: [TemplateStatement])] = []
        while true {
            let test = try tuple(allowsConditional: false)
            try expect(.blockEnd)
            branches.append((test, try body(until: ["elif", "else", "endif"])))
            switch try expectName() {
            case "elif": continue
            case "else": return .condition(branches, otherwise: try body(closedBy: "endif"))
            default: return .condition(branches, otherwise: [])
            }
        }
    }

    private mutating func loop() throws -> TemplateStatement {
        let target = try target(allowsAttributes: false)
        try expect(.name("in"))
        let sequence = try tuple(allowsConditional: false, end: "recursive")
        let condition = skip(name: "if") ? try expression() : nil
        if isName("recursive") { throw failure("recursive loops are not supported") }
        try expect(.blockEnd)
        loops += 1
        let statements = try body(until: ["else", "endfor"])
        loops -= 1
        let otherwise = try expectName() == "else" ? try body(closedBy: "endfor") : []
        return .loop(
            .init(
                target: target, sequence: sequence, condition: condition, body: statements,
                otherwise: otherwise))
    }

    private mutating func assignment() throws -> TemplateStatement {
        let target = try target(allowsAttributes: true)
        if skip(symbol: "=") { return .assignment(target, try tuple()) }
        let filters = try filterCalls(startsInline: false)
        return .blockAssignment(target, filters, try body(closedBy: "endset"))
    }

    private mutating func with() throws -> TemplateStatement {
        var values: [(target: TemplateStatement.Target, value: TemplateExpression)] = []
        while token.kind != .blockEnd {
            if !values.isEmpty { try expect(.symbol(",")) }
            let target = try target(allowsAttributes: false)
            try expect(.symbol("="))
            values.append((target, try expression()))
        }
        return .scope(values, try body(closedBy: "endwith"))
    }

    private mutating func call(_ line: Int) throws -> TemplateStatement {
        let parameters = isSymbol("(") ? try self.parameters() : []
        let callee = try expression()
        guard case .call(let function, let arguments) = callee.form else {
            throw TemplateFailure("'call' needs a call", line: line)
        }
        let statements = try outsideLoops { try $0.body(closedBy: "endcall") }
        return .call(
            .init(name: "caller", parameters: parameters, body: statements), function, arguments)
    }

    private mutating func macro(_ name: String, closedBy end: String) throws -> TemplateStatement.Macro {
        let parameters = try parameters()
        return .init(
            name: name, parameters: parameters, body: try outsideLoops { try $0.body(closedBy: end) })
    }

    private mutating func parameters() throws -> [(name: String, value: TemplateExpression?)] {
        var parameters: [(name: String, value: TemplateExpression?)] = []
        try expect(.symbol("("))
        while !isSymbol(")") {
            if !parameters.isEmpty { try expect(.symbol(",")) }
            let name = try expectName()
            let value = skip(symbol: "=") ? try expression() : nil
            if value == nil, parameters.last?.value != nil {
                throw failure("a parameter without a default follows one with a default")
            }
            parameters.append((name, value))
        }
        next()
        return parameters
    }

    /// Reads what is a function of its own: loops around it cannot be left from within.
    private mutating func outsideLoops<Result>(
        _ read: (inout TemplateParser) throws -> Result
    ) rethrows -> Result {
        let outer = loops
        loops = 0
        defer { loops = outer }
        return try read(&self)
    }

    /// What `set` and `for` give values to.
    private mutating func target(allowsAttributes: Bool) throws -> TemplateStatement.Target {
        let line = token.line
        var targets: [TemplateStatement.Target] = []
        var isTuple = false
        repeat {
            if isTuple, isName("in") || isSymbol("=") || isSymbol(")") { break }
            if skip(symbol: "(") {
                targets.append(try nested { try $0.target(allowsAttributes: allowsAttributes) })
                try expect(.symbol(")"))
            } else {
                let line = token.line
                let name = try expectName()
                guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
                    throw failure("'\(name)' cannot be set")
                }
                let isAttribute = allowsAttributes && skip(symbol: ".")
                targets.append(
                    isAttribute ? .attribute(of: name, try expectName(), line: line) : .name(name))
            }
            isTuple = isTuple || isSymbol(",")
        } while skip(symbol: ",")
        return isTuple ? .tuple(targets, line: line) : targets[0]
    }
}
