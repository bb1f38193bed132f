internal import Foundation
internal import TheriacDetox
internal import TheriacFiles
internal import TheriacOptions

/// Which methods a request's texts go through, and on which copy of the model.
struct ChainChoice: Sendable, Hashable {
    /// nil: the model itself.
    var adapter: String?
    var steps: [DecodingStep]
    /// The same for equal chains, whatever the order of their settings.
    private let key: String

    init(adapter: String?, steps: [DecodingStep]) {
        self.adapter = adapter
        self.steps = steps
        let data = try? OptionValue.list(steps.map(\.option)).jsonData
        let written = data.map { String(decoding: $0, as: UTF8.self) } ?? Self.description(of: steps)
        key = "\(adapter ?? "")\n\(written)"
    }

    /// As a reader sees it.
    var description: String { Self.description(of: steps) }

    private static func description(of steps: [DecodingStep]) -> String {
        steps.isEmpty ? "none" : steps.map(\.description).joined(separator: " → ")
    }

    static func == (a: ChainChoice, b: ChainChoice) -> Bool { a.key == b.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// Reads the chain that a request names. What it names must have shipped with the program: a caller must not be able to
/// make the server read files of its choice.
enum RequestedChain {
    /// Settings of methods that name files or folders.
    private static let files: Set<String> = [
        "detector", "expert", "anti-expert", "model", "directions", "store", "shift", "discriminator",
        "words",
    ]

    /// - Parameter value: a name, a step, or a list of these.
    /// - Throws: ``OpenAIError`` with the reason.
    static func read(_ value: JSONValue, assets: URL?) throws(OpenAIError) -> [DecodingStep] {
        let list = value.elements ?? [value]
        guard list.count <= 16 else { throw refused("a chain has at most 16 methods") }
        var steps: [DecodingStep] = []
        for (place, element) in list.enumerated() {
            let option = OptionValue(element)
            try check(option, assets)
            do {
                steps.append(
                    try DecodingStep.read(option, path: "theriac.chain[\(place)]", source: "the request"))
            } catch {
                throw refused(error.description)
            }
        }
        return steps
    }

    static func refused(_ reason: String) -> OpenAIError {
        OpenAIError(
            status: 400, message: "The chain cannot be used: \(reason)", parameter: "theriac.chain",
            code: "invalid_chain")
    }

    private static func check(_ option: OptionValue, _ assets: URL?) throws(OpenAIError) {
        guard case .object(let members) = option else { return }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where files.contains(name) {
            guard case .string(let text) = value, !text.isEmpty else { continue }
            let word = text.split(separator: "@").first.map(String.init) ?? text
            guard name != "words", isShipped(word, assets) else {
                throw refused(
                    "'\(name)' in a request can only name what ships with the program; the operator can configure "
                        + "a chain with other files.")
            }
        }
    }

    private static func isShipped(_ name: String, _ assets: URL?) -> Bool {
        guard let assets, !name.contains("/"), !name.hasPrefix(".") else { return false }
        let kinds = (try? FileManager.default.contentsOfDirectory(atPath: assets.path)) ?? []
        return kinds.contains { kind in
            FileManager.default.fileExists(
                atPath: assets.appendingPathComponent(kind).appendingPathComponent(name).path)
        }
    }
}

extension OptionValue {
    init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let bool): .bool(bool)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .string(let text): .string(text)
            case .array(let elements): .list(elements.map { OptionValue($0) })
            case .object(let members): .object(members.mapValues { OptionValue($0) })
            }
    }
}
