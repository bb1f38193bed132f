/// The fields of one group of settings while they are being read. It remembers which were asked for, so that
/// ``finish()`` can name those that nothing reads.
public struct OptionFields {
    /// Dotted path of the group, such as `method.dexperts`; "" for a whole document.
    public let path: String
    /// File or flag the group came from.
    public let source: String
    private let members: [String: OptionValue]
    private var known: Set<String> = []
    private var unknownAllowed = false
    /// What the settings are after reading, defaults included, by name.
    public private(set) var resolved: [String: OptionValue] = [:]

    /// - Throws: ``OptionsError`` when `value` is neither an object nor null (which is an empty object).
    public init(_ value: OptionValue, path: String, source: String) throws(OptionsError) {
        self.path = path
        self.source = source
        switch value {
        case .object(let members): self.members = members
        case .null: members = [:]
        default:
            throw .wrongKind(
                path: path.isEmpty ? source : path, found: value.summary, expected: "a group of options")
        }
    }

    /// Reads `name` when it is given; otherwise leaves the default in place.
    public mutating func read<Value: OptionReadable>(
        _ name: String, into target: inout Value
    ) throws(OptionsError) {
        defer { resolved[name] = target.option }
        guard let value = value(name) else { return }
        target = try Value.read(value, path: pathOf(name), source: source)
    }

    /// Reads the group `name` over the values `target` has, which stay where the group is silent.
    public mutating func read<Value: Options>(_ name: String, into target: inout Value) throws(OptionsError) {
        var nested = try OptionFields(value(name) ?? .object([:]), path: pathOf(name), source: source)
        try target.read(&nested)
        try nested.finish()
        resolved[name] = .object(nested.resolved)
    }

    /// Reads `name` when it is given, and refuses a value outside `range`.
    public mutating func read<Value: Comparable & OptionReadable>(
        _ name: String, into target: inout Value, in range: ClosedRange<Value>
    ) throws(OptionsError) {
        defer { resolved[name] = target.option }
        guard let value = value(name) else { return }
        let candidate = try Value.read(value, path: pathOf(name), source: source)
        guard range.contains(candidate) else {
            throw .outOfRange(path: pathOf(name), found: "\(candidate)", range: "\(range)")
        }
        target = candidate
    }

    /// Reads `name` when it is given and not null, and refuses a value outside `range`.
    public mutating func read<Value: Comparable & OptionReadable>(
        _ name: String, into target: inout Value?, in range: ClosedRange<Value>
    ) throws(OptionsError) {
        defer { resolved[name] = target.option }
        guard let value = value(name) else { return }
        guard value != .null else {
            target = nil
            return
        }
        let candidate = try Value.read(value, path: pathOf(name), source: source)
        guard range.contains(candidate) else {
            throw .outOfRange(path: pathOf(name), found: "\(candidate)", range: "\(range)")
        }
        target = candidate
    }

    /// Reads `name`, which must be there.
    public mutating func require<Value: OptionReadable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(OptionsError) -> Value {
        guard let value = value(name) else { throw .missing(name: name, path: path, source: source) }
        return try Value.read(value, path: pathOf(name), source: source)
    }

    /// The value of `name` as it is, or nil; it counts as read.
    public mutating func value(_ name: String) -> OptionValue? {
        known.insert(name)
        if let value = members[name] { resolved[name] = value }
        return members[name]
    }

    /// The group `name` for reading piece by piece, or nil when it is absent. Call ``finish()`` on it too.
    public mutating func fields(_ name: String) throws(OptionsError) -> OptionFields? {
        guard let value = value(name) else { return nil }
        return try OptionFields(value, path: pathOf(name), source: source)
    }

    /// Names that are given, sorted.
    public var names: [String] { members.keys.sorted() }

    /// Accepts keys that nothing reads, as for the `config.json` of a checkpoint.
    public mutating func allowUnknown() {
        unknownAllowed = true
    }

    /// Refuses keys that nothing has read, and proposes the nearest that is.
    public func finish() throws(OptionsError) {
        guard !unknownAllowed, let name = members.keys.filter({ !known.contains($0) }).min() else { return }
        let suggestion = nearestName(to: name, among: known.filter { members[$0] == nil })
        throw .unknown(name: name, path: path, suggestion: suggestion)
    }

    /// The dotted path of the field `name`.
    public func pathOf(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
