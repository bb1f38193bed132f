internal import Foundation
internal import Theriac
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers

/// What callers may know of the served models: safe to use from any thread.
struct ModelCard: Sendable {
    /// As clients name it.
    let name: String
    /// The adapter's name; nil for the model itself.
    let adapter: String?
    /// SHA-256 of the weights; of an adapter its own.
    let revision: String
}

/// The part of the served model that needs no thread of its own.
struct ModelFacts: Sendable {
    let cards: [ModelCard]
    let tokenizer: Tokenizer
    let chat: ChatFormat?
    let context: Int
    let vocabulary: Int
    /// Tokens that end a text: those of the model and of its tokenizer.
    let endOfText: Set<Int32>
    let beginOfText: Int32?
    /// `tokenizer_config.json` with token values as plain strings.
    let tokenizerConfiguration: [String: JSONValue]

    var base: ModelCard { cards[0] }

    func card(_ name: String) -> ModelCard? { cards.first { $0.name == name } }
}

/// The served model, and copies of it that wear adapters. Lives on one thread.
final class ServedModels {
    let facts: ModelFacts
    /// By adapter; "" for the model itself.
    private var models: [String: LoadedModel] = [:]
    private var passes: [String: SharedPass] = [:]
    private let assets: AssetFolder

    /// - Throws: what is wrong with a model or an adapter, in a sentence.
    init(_ settings: GenerationServingSettings, model named: String) throws {
        assets = try AssetFolder()
        let folder = try assets.folder(named, kind: "models")
        let base = try TreatedModel.load(
            folder, adapter: nil, precision: settings.precision, device: settings.device
        ).model
        models[""] = base
        let name = settings.name ?? folder.lastPathComponent
        var cards = [ModelCard(name: name, adapter: nil, revision: base.hash)]
        for (adapter, path) in settings.adapters.sorted(by: { $0.key < $1.key }) {
            guard adapter != name, !adapter.isEmpty else {
                throw OptionsError.refused(
                    path: "generation.adapters", reason: "an adapter is called as the model is")
            }
            let loaded = try TreatedModel.load(
                folder, adapter: assets.folder(path, kind: "adapters"), precision: settings.precision,
                device: settings.device)
            models[adapter] = loaded.model
            cards.append(ModelCard(name: adapter, adapter: adapter, revision: loaded.adapterHash ?? ""))
        }
        let tokenizer = base.tokenizer
        facts = ModelFacts(
            cards: cards, tokenizer: tokenizer, chat: try ChatFormat(folder: folder),
            context: base.model.shape.context, vocabulary: base.model.shape.vocabulary,
            endOfText: base.endOfText.union([tokenizer.endOfText].compactMap { $0 }),
            beginOfText: base.beginOfText,
            tokenizerConfiguration: Self.configuration(folder, base))
    }

    func model(_ adapter: String?) -> LoadedModel? { models[adapter ?? ""] }

    /// In which all that is written with these weights is read together.
    func pass(_ adapter: String?) -> SharedPass? {
        guard let loaded = model(adapter) else { return nil }
        let pass = passes[adapter ?? ""] ?? SharedPass(loaded)
        passes[adapter ?? ""] = pass
        return pass
    }

    /// The tokenizer's settings, completed with what the harness asks for.
    private static func configuration(_ folder: URL, _ loaded: LoadedModel) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        let file = folder.appendingPathComponent("tokenizer_config.json")
        if let data = FileManager.default.contents(atPath: file.path),
            case .object(let found)? = try? data.withUnsafeBytes({ try JSONScanner.value(in: $0) })
        {
            members = found
        }
        // Tokens may stand as objects; clients want plain strings.
        for (name, value) in members where name.hasSuffix("_token") {
            if let content = value["content"] { members[name] = content }
        }
        func text(_ token: Int32?) -> JSONValue? {
            token.map { .string(String(decoding: loaded.tokenizer.tokenBytes($0), as: UTF8.self)) }
        }
        func missing(_ name: String) -> Bool { members[name]?.text == nil }
        let end = loaded.tokenizer.endOfText ?? loaded.endOfText.min()
        if missing("eos_token") { members["eos_token"] = text(end) }
        if missing("bos_token") { members["bos_token"] = text(loaded.beginOfText) }
        if missing("pad_token") { members["pad_token"] = members["eos_token"] }
        if missing("tokenizer_class") { members["tokenizer_class"] = .string("PreTrainedTokenizerFast") }
        if members["chat_template"] == nil {
            let template = folder.appendingPathComponent("chat_template.jinja")
            members["chat_template"] =
                (try? String(contentsOf: template, encoding: .utf8)).map { .string($0) } ?? .null
        }
        return members
    }
}
