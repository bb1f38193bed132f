internal import Foundation
public import TheriacGeneration
public import TheriacOptions

/// What a method is, for lists, reports and readers.
public struct MethodCard: Sendable, Equatable, Codable {
    /// The name in recipes and flags, kebab-case.
    public var name: String
    public var title: String
    /// One sentence.
    public var summary: String
    public var source: String
    /// What it costs beside plain generation.
    public var cost: String

    public init(name: String, title: String, summary: String, source: String, cost: String) {
        self.name = name
        self.title = title
        self.summary = summary
        self.source = source
        self.cost = cost
    }
}

/// A way to steer a model while it writes: settings, and its part in the generation, made from them.
public protocol DecodingMethod: SendableMetatype {
    associatedtype Settings: Options
    static var card: MethodCard { get }
    static func makePart(_ settings: Settings, _ context: MethodContext) throws -> DecodingPart
}

/// Every decoding-time method in the package. One line each.
public enum DecodingMethods {
    public static let all: [any DecodingMethod.Type] = [
        WordFilterMethod.self,
        DExpertsMethod.self,
        GeDiMethod.self,
        SelfDebiasingMethod.self,
        ToxificationReversalMethod.self,
        SteeringMethod.self,
        CleanContextMethod.self,
        RejectionMethod.self,
        BestOfNMethod.self,
        StreamingGuardMethod.self,
        VocabularyShiftMethod.self,
        ControlTokenMethod.self,
        PPLMMethod.self,
        GoodtrieverMethod.self,
    ]
}

/// One link of a chain in a recipe: a method's name with its settings, checked.
///
/// In YAML a link is `word-filter`, or `{method: word-filter, words: FILE}`.
public struct DecodingStep: OptionReadable, Equatable {
    public let name: String
    private let settings: OptionValue
    private let source: String

    public init(name: String, settings: OptionValue = .object([:]), source: String = "") throws(OptionsError)
    {
        self = try Self.read(
            .object(["method": .string(name)]).merging(settings), path: "method", source: source)
    }

    private init(checked name: String, _ settings: OptionValue, _ source: String) {
        self.name = name
        self.settings = settings
        self.source = source
    }

    public static func read(_ value: OptionValue, path: String, source: String) throws(OptionsError)
        -> DecodingStep
    {
        var members: [String: OptionValue] = [:]
        switch value {
        case .string(let name): members = ["method": .string(name)]
        case .object(let object): members = object
        default:
            throw .wrongKind(
                path: path, found: "neither text nor settings", expected: "a method's name, or its settings")
        }
        guard case .string(let name)? = members.removeValue(forKey: "method") else {
            throw .missing(name: "method", path: path, source: source)
        }
        let names = DecodingMethods.all.map { $0.card.name }
        guard let method = DecodingMethods.all.first(where: { $0.card.name == name }) else {
            throw .unknownChoice(
                path: path, found: name, choices: names, suggestion: nearestName(to: name, among: names))
        }
        try check(method, .object(members), name: name, source: source)
        return DecodingStep(checked: name, .object(members), source)
    }

    private static func check(
        _ method: any DecodingMethod.Type, _ settings: OptionValue, name: String, source: String
    ) throws(OptionsError) {
        func open<Method: DecodingMethod>(_: Method.Type) throws(OptionsError) {
            _ = try Method.Settings(settings, path: "method.\(name)", source: source)
        }
        try open(method)
    }

    /// Equal when they do the same, wherever they were written.
    public static func == (a: DecodingStep, b: DecodingStep) -> Bool {
        a.name == b.name && a.settings == b.settings
    }

    /// Makes the method's part in a generation.
    public func makePart(_ context: MethodContext) throws -> DecodingPart {
        guard let method = DecodingMethods.all.first(where: { $0.card.name == name }) else {
            throw OptionsError.unknownChoice(path: "method", found: name, choices: [], suggestion: nil)
        }
        func open<Method: DecodingMethod>(_: Method.Type) throws -> DecodingPart {
            try Method.makePart(
                Method.Settings(settings, path: "method.\(name)", source: source), context)
        }
        return try open(method)
    }

    /// As a reader sees it: the name and the settings that were given.
    public var description: String {
        guard case .object(let members) = settings, !members.isEmpty else { return name }
        let parts = members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.summary)" }
        return "\(name) (\(parts.joined(separator: ", ")))"
    }

    public var option: OptionValue { OptionValue.object(["method": .string(name)]).merging(settings) }
}
