/// What can be wrong with measurements handed to the evaluation.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
    case noPrompts(arm: String)
    case duplicatePrompt(id: String, arm: String)
    case unequalCounts(prompt: String, field: String, found: Int, expected: Int)
    case scoreOutOfRange(prompt: String, sample: Int)
    case noCommonPrompts(arm: String, baseline: String)
    case duplicateArm(String)
    case noArms
    case notFinite(field: String)
    case unknownSchema(found: String, expected: String)

    public var description: String {
        switch self {
        case .noPrompts(let arm):
            "Arm '\(arm)' has no prompts, so there is nothing to evaluate. "
                + "Check the prompt file and its limit."
        case .duplicatePrompt(let id, let arm):
            "Prompt '\(id)' occurs twice in arm '\(arm)'. Give each prompt its own id."
        case .unequalCounts(let prompt, let field, let found, let expected):
            "Prompt '\(prompt)' has \(expected) scores but \(found) values in '\(field)'. "
                + "Give one per continuation, or none at all."
        case .scoreOutOfRange(let prompt, let sample):
            "The toxicity of prompt '\(prompt)', continuation \(sample), is outside 0...1. "
                + "Calibrate the judge."
        case .noCommonPrompts(let arm, let baseline):
            "Arms '\(arm)' and '\(baseline)' share no prompt, so they cannot be compared in pairs. "
                + "Evaluate both on the same prompt file."
        case .duplicateArm(let name):
            "Two arms are called '\(name)'. Give each arm its own name."
        case .noArms:
            "A comparison needs at least one arm; none was given."
        case .notFinite(let field):
            "'\(field)' is not a finite number, so it cannot be stored. Was the model's output NaN?"
        case .unknownSchema(let found, let expected):
            "These results have the schema '\(found)'; this program reads '\(expected)'. "
                + "Open them with the version of theriac that wrote them."
        }
    }
}
