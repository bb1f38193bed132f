/// A statement of a template.
indirect enum TemplateStatement: Sendable {
    case text(String)
    /// `{{ value }}`
    case output(TemplateExpression)
    case condition([(test: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
    case loop(Loop)
    case assignment(Target, TemplateExpression)
    /// `{% set name | filter %}…{% endset %}`
    case blockAssignment(Target, [FilterCall], [TemplateStatement])
    /// `{% filter name %}…{% endfilter %}`
    case filtered([FilterCall], [TemplateStatement])
    case macro(Macro)
    /// `{% call(…) callee(…) %}…{% endcall %}`: the body is a macro named `caller`.
    case call(Macro, TemplateExpression, TemplateExpression.CallArguments)
    /// `{% with name = value %}`, `{% generation %}`: names set within stay within.
    case scope([(target: Target, value: TemplateExpression)], [TemplateStatement])
    case breakLoop
    case continueLoop

    struct Loop: Sendable {
        let target: Target
        let sequence: TemplateExpression
        /// Elements without it are left out, and not counted by `loop`.
        let condition: TemplateExpression?
        let body: [TemplateStatement]
        /// For a loop without turns.
        let otherwise: [TemplateStatement]
    }

    /// What a value is given to.
    indirect enum Target: Sendable {
        case name(String)
        /// `namespace.name`
        case attribute(of: String, String, line: Int)
        case tuple([Target], line: Int)
    }

    struct Macro: Sendable {
        let name: String
        let parameters: [(name: String, value: TemplateExpression?)]
        let body: [TemplateStatement]
    }

    struct FilterCall: Sendable {
        let name: String
        let arguments: TemplateExpression.CallArguments
        let line: Int
    }
}
