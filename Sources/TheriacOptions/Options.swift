/// A settings type: properties that carry their defaults, and a function that reads those that are given.
///
/// ```swift
/// public struct DExpertsSettings: Options {
///     public var alpha: Float = 2.0
///     public init() {}
///     public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
///         try fields.read("alpha", into: &alpha, in: 0...10)
///     }
/// }
/// ```
public protocol Options: OptionReadable {
    /// All defaults.
    init()
    /// Reads the fields that are given into the properties.
    mutating func read(_ fields: inout OptionFields) throws(OptionsError)
}

extension Options {
    /// Reads `value`, an object (or null: all defaults), and refuses keys that nothing reads.
    /// - Parameters:
    ///   - value: the group.
    ///   - path: dotted path of the value in its document, "" for the whole; used in messages.
    ///   - source: file or flag the value came from; used in messages.
    /// - Throws: ``OptionsError`` naming the field.
    public init(_ value: OptionValue, path: String = "", source: String) throws(OptionsError) {
        self.init()
        var fields = try OptionFields(value, path: path, source: source)
        try read(&fields)
        try fields.finish()
    }

    /// All settings by name, as a recipe would give them.
    public var option: OptionValue {
        guard var fields = try? OptionFields(.object([:]), path: "", source: "") else { return .null }
        var copy = self
        // Nothing is given, so reading changes nothing and records every value; a required field is left out.
        try? copy.read(&fields)
        return .object(fields.resolved)
    }

    /// A nested group of options.
    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError) -> Self {
        try Self(value, path: path, source: source)
    }
}
