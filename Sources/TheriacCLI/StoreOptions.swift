internal import ArgumentParser
internal import Foundation
internal import TheriacAudit

/// Where the server's memory is.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's store; default: THERIAC_STORE, or theriac-store.sqlite here.", valueName: "file"))
    var store: String?

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    func open(create: Bool = false) throws -> AuditStore {
        let path =
            store ?? ProcessInfo.processInfo.environment["THERIAC_STORE"] ?? "theriac-store.sqlite"
        var settings = AuditStore.Settings()
        settings.create = create
        return try AuditStore(at: URL(fileURLWithPath: path), settings: settings)
    }
}

/// Which feedback a command is about.
struct FeedbackOptions: ParsableArguments {
    @Option(help: "Only feedback of this kind.")
    var kind: Choice<Feedback.Kind>?

    @Option(help: ArgumentHelp("Only what came from this community.", valueName: "name"))
    var community: String?

    @Option(help: ArgumentHelp("Only what came with the key of this number.", valueName: "id"))
    var key: Int64?

    @Option(help: ArgumentHelp("Only what is younger than this: 12h, 30d.", valueName: "age"))
    var newerThan: Age?

    var filter: FeedbackFilter {
        FeedbackFilter(kind: kind?.value, community: community, keyID: key, since: newerThan?.start)
    }
}

/// One of the words of an enumeration of another floor.
struct Choice<Value: RawRepresentable & CaseIterable & Sendable>: ExpressibleByArgument, Sendable
where Value.RawValue == String {
    let value: Value

    init(_ value: Value) { self.value = value }

    init?(argument: String) {
        guard let value = Value(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
    var defaultValueDescription: String { value.rawValue }
}

/// A length of time before now, such as 12h or 30d.
struct Age: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = argument.last, let unit = units[last], let count = Double(argument.dropLast()),
            count >= 0,
            count.isFinite
        else { return nil }
        seconds = count * unit
    }

    var start: Date { Date(timeIntervalSinceNow: -seconds) }
}

/// One object on one line, with sorted keys in snake case.
func jsonLine(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
