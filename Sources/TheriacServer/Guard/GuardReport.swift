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
    /// The model is this server's own.
    var isOwn = false

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

    /// Puts it into an answer's JSON.
    ///
    /// - Parameters:
    ///   - bytes: the answer as it came.
    ///   - value: the same, read.
    func added(to bytes: [UInt8], _ value: JSONValue) -> [UInt8] {
        guard let theirs = value["theriac"] else {
            return JSONSplice.adding("theriac", json.bytes, to: bytes)
        }
        return value.with("theriac", Self.joined(json, theirs, isOwn: isOwn)).bytes
    }

    /// The member `theriac` of an answer that came with one. What an upstream says there is kept as `upstream`; what this
    /// server's own model says stands beside the gate's.
    static func joined(_ ours: JSONValue, _ theirs: JSONValue, isOwn: Bool) -> JSONValue {
        guard isOwn, let own = ours.members, let members = theirs.members else {
            return ours.with("upstream", theirs)
        }
        return .object(members.merging(own) { $1 })
    }

    /// The own model's answer `value`, whose choice `index` was drawn anew: what `theriac` says of it is then what the other
    /// answer says of its choice `drawn`, with the seed that makes it again.
    static func redrawn(
        _ value: JSONValue, _ index: Int, as drawn: Int, of other: JSONValue
    ) -> JSONValue {
        func has(_ number: Int) -> (JSONValue) -> Bool { { $0["index"]?.whole == number } }
        guard let theriac = value["theriac"], var choices = theriac["choices"]?.elements,
            let place = choices.firstIndex(where: has(index)),
            let new = other["theriac"]?["choices"]?.elements?.first(where: has(drawn))
        else { return value }
        choices[place] = new.with("index", .integer(index)).with("seed", other["theriac"]?["seed"])
        return value.with("theriac", theriac.with("choices", .array(choices)))
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
