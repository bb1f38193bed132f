/// An expression of a template.
struct TemplateExpression: Sendable {
    /// From 1.
    let line: Int
    let form: Form

    indirect enum Form: Sendable {
        case literal(Literal)
        case name(String)
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case mapping([(key: TemplateExpression, value: TemplateExpression)])
        /// `value.name`
        case attribute(TemplateExpression, String)
        /// `value[key]`
        case item(TemplateExpression, TemplateExpression)
        /// `value[from:to:step]`
        case slice(
            TemplateExpression, from: TemplateExpression?, to: TemplateExpression?, step: TemplateExpression?)
        case call(TemplateExpression, CallArguments)
        /// `value|name(…)`
        case filter(TemplateExpression, String, CallArguments)
        /// `value is name(…)`
        case test(TemplateExpression, String, CallArguments)
        case not(TemplateExpression)
        case sign(TemplateExpression, isNegative: Bool)
        /// Operators of one precedence, from left to right.
        case arithmetic(TemplateExpression, [(operation: Arithmetic, operand: TemplateExpression)])
        /// `a ~ b`
        case concatenation([TemplateExpression])
        /// `a < b <= c`: all must hold.
        case comparison(TemplateExpression, [(operation: Comparison, operand: TemplateExpression)])
        case and([TemplateExpression])
        case or([TemplateExpression])
        /// `value if test else otherwise`
        case conditional(
            TemplateExpression, test: TemplateExpression, otherwise: TemplateExpression?)
    }

    enum Literal: Sendable {
        case none, bool(Bool), integer(Int), number(Double), text(TemplateText)
    }

    enum Arithmetic: String, Sendable {
        case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", modulo = "%"
        case power = "**"
    }

    enum Comparison: String, Sendable {
        case equal = "==", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in", isNotIn = "not in"
    }

    struct CallArguments: Sendable {
        var positional: [TemplateExpression] = []
        var named: [(name: String, value: TemplateExpression)] = []
        /// `*list` and `**mapping`
        var list: TemplateExpression?
        var mapping: TemplateExpression?
    }
}
