internal import Foundation
internal import TheriacFiles
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

public enum CompanionError: Error, Equatable, CustomStringConvertible {
    case otherVocabulary(name: String, found: Int, expected: Int)

    public var description: String {
        switch self {
        case .otherVocabulary(let name, let found, let expected):
            "\(name) has a vocabulary of \(found) tokens and the model one of \(expected); logits can only be mixed "
                + "between models that share a tokenizer."
        }
    }
}

/// Another model's opinion of every row: an adapter on the model itself, read in the same batch, or a model beside it.
///
/// A folder with `adapter_config.json` is an adapter on the model that runs. When that model's weights were changed by
/// a merged adapter, the companion reads a second copy of the original, since it was trained on that.
struct Companion {
    private enum Place {
        /// To be read in the model's own batch, with an adapter or without.
        case waiting(adapter: URL?)
        case beside(ModelSession)
        /// Attached: variants of the model's session.
        case within(ModelSession, first: Int)
    }

    private var place: Place
    private let prefixes: [[Int32]]
    private let measuresPrompts: Bool

    /// - Parameters:
    ///   - prefixes: tokens before the prompt, one reading each.
    ///   - measuresPrompts: also tell how likely the prompts are.
    init(
        _ folder: URL, prefixes: [[Int32]] = [[]], measuresPrompts: Bool = false, _ context: MethodContext
    ) throws {
        self.prefixes = prefixes
        self.measuresPrompts = measuresPrompts
        let isAdapter = FileManager.default.fileExists(
            atPath: folder.appendingPathComponent("adapter_config.json").path)
        if isAdapter, context.hasOriginalWeights {
            place = .waiting(adapter: folder)
            return
        }
        let loaded = try context.load(isAdapter ? context.model.folder : folder)
        let vocabulary = context.model.model.shape.vocabulary
        guard loaded.model.shape.vocabulary == vocabulary else {
            throw CompanionError.otherVocabulary(
                name: folder.lastPathComponent, found: loaded.model.shape.vocabulary, expected: vocabulary)
        }
        let session = ModelSession(loaded, newTokens: context.newTokens, variants: [])
        session.measuresPrompts = measuresPrompts
        let adapter = isAdapter ? try session.addAdapter(folder) : nil
        for prefix in prefixes { _ = session.add(.init(prefix: prefix, adapter: adapter)) }
        place = .beside(session)
    }

    /// The model itself behind other prefixes.
    init(prefixes: [[Int32]]) {
        self.prefixes = prefixes
        measuresPrompts = false
        place = .waiting(adapter: nil)
    }

    mutating func attach(to session: ModelSession) throws {
        guard case .waiting(let folder) = place else { return }
        if measuresPrompts { session.measuresPrompts = true }
        let adapter = try folder.map { try session.addAdapter($0) }
        let numbers = prefixes.map { session.add(.init(prefix: $0, adapter: adapter)) }
        place = .within(session, first: numbers.first ?? 0)
    }

    func read(_ state: GenerationState) throws {
        if case .beside(let session) = place { try session.read(state) }
    }

    /// float32 `[rows, vocabulary]` of one reading.
    func logits(_ reading: Int = 0) throws -> Tensor {
        let (session, first) = attached
        return try session.logits(first + reading)
    }

    /// In nats.
    func promptLogLikelihood(_ reading: Int, of prompt: Int) -> Double {
        let (session, first) = attached
        return session.promptLogLikelihood(first + reading, of: prompt)
    }

    /// Of caches of its own; within the model's session they are counted there.
    var bytesPerToken: Int {
        if case .beside(let session) = place { session.bytesPerToken } else { 0 }
    }

    private var attached: (ModelSession, Int) {
        switch place {
        case .beside(let session): (session, 0)
        case .within(let session, let first): (session, first)
        case .waiting: preconditionFailure("a companion is attached before it reads")
        }
    }
}
