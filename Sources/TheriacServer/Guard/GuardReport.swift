internal import HTTPTypes
internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacFiles

/// What was done to one exchange, for its answer: actions, rules, stages and detectors; no text.
struct GuardReport: Sendable {
    let policy: PolicyIdentity
    /// Nil when the request held no text.
    var input: GateFinding?
    /// By the index of the choice; choices without text are left out.
    var output: [Int: GateFinding] = [:]

    /// The member `theriac` of an answer.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "policy": .object([
                "name": .string(policy.name), "revision": .string("sha256:\(policy.hash)"),
            ])
        ]
        members["input"] = input?.json
        if !output.isEmpty {
            members["output"] = .array(
                output.sorted { $0.key < $1.key }.map { index, finding in
                    var members = finding.json.members ?? [:]
                    members["index"] = .integer(index)
                    return .object(members)
                })
        }
        return .object(members)
    }

    /// Puts it into an answer's JSON. What an upstream says there itself is kept as `upstream`.
    ///
    /// - Parameters:
    ///   - bytes: the answer as it came.
    ///   - value: the same, read.
    func added(to bytes: [UInt8], _ value: JSONValue) -> [UInt8] {
        guard let theirs = value["theriac"], var members = value.members, var ours = json.members else {
            return JSONSplice.adding("theriac", json.bytes, to: bytes)
        }
        ours["upstream"] = theirs
        members["theriac"] = .object(ours)
        return JSONValue.object(members).bytes
    }

    /// Says the same in short in the head.
    func sign(_ response: inout ServerResponse) {
        if let input { response.headers[.guardInput] = input.action.rawValue }
        if !output.isEmpty {
            response.headers[.guardOutput] = output.sorted { $0.key < $1.key }.map(\.value.action.rawValue)
                .joined(separator: ", ")
        }
    }
}

extension GateFinding {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "action": .string(action.rawValue), "stage": .string(stage.rawValue),
            "detector": .string(detector.description), "attempts": .integer(attempt),
        ]
        members["rule"] = decision.rule.map { .string($0) }
        members["attribute"] = decision.attribute.map { .string($0.rawValue) }
        members["score"] = decision.score.map { .number($0) }
        members["threshold"] = decision.threshold.map { .number($0) }
        return .object(members)
    }
}

extension HTTPField.Name {
    static let policy = Self("theriac-policy") ?? .server
    static let guardInput = Self("theriac-input") ?? .server
    static let guardOutput = Self("theriac-output") ?? .server
}
