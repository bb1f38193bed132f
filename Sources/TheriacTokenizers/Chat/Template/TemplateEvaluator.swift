import Foundation

/// Renders statements; one evaluator renders once.
final class TemplateEvaluator {
    /// The text written so far.
    private(set) var output = ""
    var scope = TemplateScope(outer: nil)
    /// What `strftime_now` prints.
    let date: Date
    private let limits: ChatTemplate.Limits
    private var steps = 0
    private var depth = 0
    /// Scopes and namespaces that may hold each other; see ``release()``.
    private var scopes: [TemplateScope] = []
    private var namespaces: [TemplateNamespace] = []

    /// Calls within calls and expressions within expressions. As many fit a stack of 512 KiB when optimised, of
    /// 2 MiB when not.
    private static let maximumDepth = 300

    /// How statements end: at their end, or by leaving a loop's turn.
    enum Flow { case next, breakLoop, continueLoop }

    init(limits: ChatTemplate.Limits, date: Date) { (self.limits, self.date) = (limits, date) }

    /// Breaks the circles between macros and the scopes that hold them.
    func release() {
        for scope in scopes { scope.variables = [:] }
        for namespace in namespaces { namespace.values = [:] }
        scope.variables = [:]
    }

    /// Counts work, and stops a template that does too much.
    func spend(_ count: Int = 1) throws {
        steps += count
        if steps > limits.steps {
            throw TemplateFailure("the template does not end within \(limits.steps) steps")
        }
    }

    /// Counts text that was made.
    func spend(bytes: Int) throws { try spend(bytes / 16 + 1) }

    /// Does what lies one level deeper; a failure there without a line gets this one.
    func nested<Result>(line: Int?, _ work: () throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        do {
            if depth > Self.maximumDepth {
                throw TemplateFailure("calls are nested deeper than \(Self.maximumDepth) levels")
            }
            try spend()
            return try work()
        } catch var failure as TemplateFailure where failure.line == nil {
            failure.line = line
            throw failure
        }
    }

    func makeNamespace() -> TemplateNamespace {
        let namespace = TemplateNamespace()
        namespaces.append(namespace)
        return namespace
    }

    // MARK: Statements

    func run(_ statements: [TemplateStatement]) throws -> Flow {
        for statement in statements {
            let flow = try run(statement)
            if flow != .next { return flow }
        }
        return .next
    }

    private func run(_ statement: TemplateStatement) throws -> Flow {
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression):
            try nested(line: expression.line) { try write(try string(try value(expression))) }
        case .condition(let branches, let otherwise):
            for branch in branches where try value(branch.test).isTrue { return try nestedRun(branch.body) }
            return try nestedRun(otherwise)
        case .loop(let loop): return try nested(line: loop.sequence.line) { try run(loop) }
        case .assignment(let target, let expression):
            try nested(line: expression.line) { try assign(try value(expression), to: target) }
        case .blockAssignment(let target, let filters, let body):
            let (text, flow) = try captured(body)
            if flow != .next { return flow }
            try assign(try filtered(.text(text), by: filters), to: target)
        case .filtered(let filters, let body):
            let (text, flow) = try captured(body)
            try write(try string(try filtered(.text(text), by: filters)))
            return flow
        case .macro(let macro): scope.variables[macro.name] = .function(.macro(define(macro)))
        case .call(let caller, let callee, let arguments):
            let function = TemplateValue.function(.macro(define(caller)))
            try nested(line: callee.line) {
                var given = try self.arguments(arguments)
                given.named.append(("caller", function))
                try write(try string(try call(try value(callee), given)))
            }
        case .scope(let values, let body):
            // The values are made outside.
            let made = try values.map { ($0.target, try value($0.value)) }
            return try within(TemplateScope(outer: scope)) {
                for (target, value) in made { try assign(value, to: target) }
                return try nestedRun(body)
            }
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .next
    }

    private func nestedRun(_ statements: [TemplateStatement]) throws -> Flow {
        statements.isEmpty ? .next : try nested(line: nil) { try run(statements) }
    }

    func write(_ text: String) throws {
        guard output.utf8.count + text.utf8.count <= limits.outputBytes else {
            throw TemplateFailure("the template writes more than \(limits.outputBytes) bytes")
        }
        try spend(bytes: text.utf8.count)
        output += text
    }

    /// Does something with other names in reach.
    func within<Result>(_ inner: TemplateScope, _ work: () throws -> Result) rethrows -> Result {
        let outer = scope
        scope = inner
        defer { scope = outer }
        return try work()
    }

    /// What statements write, with names of their own.
    func captured(_ body: [TemplateStatement], in inner: TemplateScope? = nil) throws -> (String, Flow) {
        let written = output
        output = ""
        defer { output = written }
        let flow = try within(inner ?? TemplateScope(outer: scope)) { try nestedRun(body) }
        return (output, flow)
    }

    private func define(_ macro: TemplateStatement.Macro) -> TemplateMacro {
        if scopes.last !== scope { scopes.append(scope) }
        return TemplateMacro(macro, scope: scope)
    }

    private func run(_ loop: TemplateStatement.Loop) throws -> Flow {
        let sequence = try value(loop.sequence)
        var all = try elements(of: sequence)
        if let condition = loop.condition {
            all = try all.filter { element in
                try within(TemplateScope(outer: scope)) {
                    try assign(element, to: loop.target)
                    return try value(condition).isTrue
                }
            }
        }
        if all.isEmpty { return try nestedRun(loop.otherwise) }
        let state = TemplateLoop(try TemplateList(all))
        for (index, element) in all.enumerated() {
            try spend()
            state.index = index
            let flow = try within(TemplateScope(outer: scope)) {
                scope.variables["loop"] = .loop(state)
                try assign(element, to: loop.target)
                return try run(loop.body)
            }
            if flow == .breakLoop { break }
        }
        return .next
    }

    private func assign(_ value: TemplateValue, to target: TemplateStatement.Target) throws {
        switch target {
        case .name(let name): scope.variables[name] = value
        case .attribute(let owner, let name, let line):
            guard case .namespace(let namespace)? = scope.value(of: owner) else {
                throw TemplateFailure(
                    "'\(owner)' is not a namespace, so its '\(name)' cannot be set", line: line)
            }
            namespace.values[name] = value
        case .tuple(let targets, let line):
            let parts = try nested(line: line) { try elements(of: value) }
            guard parts.count == targets.count else {
                throw TemplateFailure(
                    "\(parts.count) values cannot be given to \(targets.count) names", line: line)
            }
            for (target, part) in zip(targets, parts) { try assign(part, to: target) }
        }
    }

    private func filtered(
        _ value: TemplateValue, by filters: [TemplateStatement.FilterCall]
    ) throws -> TemplateValue {
        try filters.reduce(value) { value, filter in
            try nested(line: filter.line) {
                try self.filter(value, filter.name, try arguments(filter.arguments))
            }
        }
    }

    /// What a loop over a value goes through.
    func elements(of value: TemplateValue) throws -> [TemplateValue] {
        let elements: [TemplateValue]
        switch value {
        case .list(let list): elements = list.elements
        case .mapping(let mapping): elements = mapping.keys
        case .text(let text): elements = text.scalars.map { .text(TemplateText(CollectionOfOne($0))) }
        case .iterator(let iterator): elements = iterator.takeAll()
        case .undefined: elements = []
        default: throw TemplateFailure("\(value.kind) has no elements to go through")
        }
        try spend(elements.count)
        return elements
    }
}
