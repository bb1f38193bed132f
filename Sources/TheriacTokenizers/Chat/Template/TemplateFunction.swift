/// What can be called.
enum TemplateFunction {
    typealias Method = @Sendable (TemplateValue, TemplateArguments, TemplateEvaluator) throws -> TemplateValue

    case builtin(String, @Sendable (TemplateArguments, TemplateEvaluator) throws -> TemplateValue)
    indirect case method(String, Method, receiver: TemplateValue)
    case macro(TemplateMacro)
}

/// A macro and the names it sees.
final class TemplateMacro {
    let definition: TemplateStatement.Macro
    let scope: TemplateScope

    init(_ definition: TemplateStatement.Macro, scope: TemplateScope) {
        (self.definition, self.scope) = (definition, scope)
    }
}

/// Names and their values; what is not found is looked for further out.
final class TemplateScope {
    var variables: [String: TemplateValue] = [:]
    let outer: TemplateScope?

    init(outer: TemplateScope?) { self.outer = outer }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.outer
        }
        return nil
    }
}

/// The arguments of a call.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// The arguments by parameter; nil where one is not given.
    ///
    /// - Throws: ``TemplateFailure`` for arguments that fit no parameter, or fit one twice.
    func bound(to parameters: String...) throws -> [TemplateValue?] {
        guard positional.count <= parameters.count else {
            throw TemplateFailure(
                "\(positional.count) arguments are given, but at most \(parameters.count) are taken")
        }
        var values: [TemplateValue?] = positional
        values += Array(repeating: nil, count: parameters.count - positional.count)
        for (name, value) in named {
            guard let place = parameters.firstIndex(of: name), values[place] == nil else {
                throw TemplateFailure("there is no argument '\(name)', or it is given twice")
            }
            values[place] = value
        }
        return values
    }
}
