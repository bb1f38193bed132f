internal import Foundation
internal import TheriacDetox
public import TheriacOptions

/// A method with some of its settings varied: one arm for every combination.
///
/// In YAML: `{method: dexperts, vary: {alpha: [1, 2, 3]}}`; other keys are the method's settings for all of them, and
/// `training`, `adapter` and `then` (methods after it) those of an arm.
public struct GridEntry: OptionReadable, Equatable {
    /// The arms it stands for, named after method and varied settings: `dexperts-alpha-2`.
    public let arms: [RunRecipe.Arm]
    public let option: OptionValue

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError)
        -> GridEntry
    {
        guard case .object(var members) = value, case .string(let method)? = members["method"] else {
            throw .missing(name: "method", path: path, source: source)
        }
        var varied: [(name: String, values: [OptionValue])] = []
        if let vary = members.removeValue(forKey: "vary") {
            guard case .object(let names) = vary else {
                throw .wrongKind(
                    path: path + ".vary", found: vary.summary, expected: "settings with lists of values")
            }
            for (name, values) in names.sorted(by: { $0.key < $1.key }) {
                guard case .list(let values) = values, !values.isEmpty else {
                    throw .wrongKind(
                        path: "\(path).vary.\(name)", found: values.summary, expected: "a list of values")
                }
                varied.append((name, values))
            }
        }
        let training = members.removeValue(forKey: "training")
        let adapter = members.removeValue(forKey: "adapter")
        let then = members.removeValue(forKey: "then")
        var arms: [RunRecipe.Arm] = []
        for combination in combinations(varied) {
            var settings = members
            for (name, value) in combination { settings[name] = value }
            let parts = combination.map { "\($0)-\($1.summary)" }
            let name = ([method] + parts).joined(separator: "-") + suffix(training, then)
            var decoding: [OptionValue] = [.object(settings)]
            if case .list(let more)? = then { decoding += more }
            var arm: [String: OptionValue] = [
                "name": .string(name.filter { $0.isLetter || $0.isNumber || "-+._".contains($0) }),
                "decoding": .list(decoding),
            ]
            arm["training"] = training
            arm["adapter"] = adapter
            arms.append(try RunRecipe.Arm(.object(arm), path: path, source: source))
        }
        return GridEntry(arms: arms, option: value)
    }

    private static func suffix(_ training: OptionValue?, _ then: OptionValue?) -> String {
        var text = ""
        if case .string(let name)? = training { text += "+" + name }
        if case .list(let steps)? = then {
            for step in steps {
                switch step {
                case .string(let name): text += "+" + name
                case .object(let members): text += "+" + (members["method"]?.summary ?? "")
                default: break
                }
            }
        }
        return text
    }

    private static func combinations(
        _ varied: [(name: String, values: [OptionValue])]
    ) -> [[(String, OptionValue)]] {
        varied.reduce([[]]) { done, setting in
            done.flatMap { before in setting.values.map { before + [(setting.name, $0)] } }
        }
    }
}
