internal import Foundation
internal import TheriacDetection
internal import TheriacDetox
internal import TheriacEvaluation
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacOptions
internal import TheriacRemote
internal import TheriacTensors

/// A model under examination, with the adapter it wears.
struct Patient {
    /// Where it computes.
    enum Place {
        case here(LoadedModel)
        /// Behind a server: texts come from there, weights never do.
        case server(RemoteModel)
    }

    let place: Place
    let model: ContentIdentity
    let adapter: ContentIdentity?
    /// The detector that took part in making the adapter.
    let steer: DetectorIdentity?

    /// Names weights, adapter and precision; of a remote model what is known of it.
    var fingerprint: String {
        switch place {
        case .here(let loaded): "\(model.hash) \(adapter?.hash ?? "") \(loaded.model.computeType)"
        case .server(let remote): "\(model.hash) \(remote.settings.fingerprint)"
        }
    }

    /// As results name it.
    var precisionName: String {
        switch place {
        case .here(let loaded): loaded.model.computeType.name
        case .server: "unknown"
        }
    }

    var isRemote: Bool {
        if case .server = place { true } else { false }
    }

    /// The model itself.
    ///
    /// - Throws: ``UnmetNeed`` for a remote one.
    func loaded(for user: String, needing need: ModelNeed) throws(UnmetNeed) -> LoadedModel {
        switch place {
        case .here(let loaded): loaded
        case .server(let remote):
            throw UnmetNeed(user: user, need: need, source: remote.sourceName, gives: remote.gives)
        }
    }

    /// A precision by name; nil keeps the type a model is stored in.
    static func precision(_ name: String?) throws(OptionsError) -> DType? {
        guard let name else { return nil }
        guard let type = DType(precision: name) else {
            throw .unknownChoice(
                path: "dtype", found: name, choices: ["fp32", "bf16", "fp16"], suggestion: nil)
        }
        return type
    }

    /// Loads the model; an adapter is merged into its weights.
    init(model folder: URL, adapter: URL?, precision: DType?, device: Device) throws {
        // Merging rounds the sum of weight and adapter once; it is done in float32, whatever runs afterwards.
        let loaded = try LoadedModel(folder: folder, precision: precision, device: device)
        place = .here(loaded)
        model = ContentIdentity(name: folder.lastPathComponent, hash: loaded.hash)
        guard let adapter else {
            self.adapter = nil
            steer = nil
            return
        }
        try LoRAAdapter(on: loaded.model, folder: adapter).merge()
        self.adapter = ContentIdentity(
            name: adapter.lastPathComponent, hash: try ContentHash.ofAdapter(adapter))
        steer = (try? AdapterOrigin(folder: adapter))?.steer
    }

    /// A model behind a server, which must be there and have it.
    init(server address: RemoteAddress, settings: RemoteSettings) throws {
        let remote = try RemoteModel.open(address, settings: settings)
        place = .server(remote)
        model = ContentIdentity(remote: remote)
        adapter = nil
        steer = nil
    }

    /// The model `named` says: a server's address, a folder, or a shipped model.
    init(
        named: String, adapter: URL?, precision: DType?, device: Device, server: RemoteSettings,
        assets: AssetFolder, relativeTo base: URL? = nil
    ) throws {
        guard RemoteAddress.isAddress(named) else {
            try self.init(
                model: assets.folder(named, kind: "models", relativeTo: base), adapter: adapter,
                precision: precision, device: device)
            return
        }
        try self.init(server: RemoteAddress(named), settings: server)
        if adapter != nil { _ = try loaded(for: "An adapter", needing: .hiddenStates) }
    }
}

extension ContentIdentity {
    /// A remote model: server and name, and a hash of both. Nobody here has seen its weights.
    init(remote: RemoteModel) {
        let way = remote.settings.endpoint == .chat ? ", as chat" : ""
        self.init(name: remote.address.description + way, hash: remote.address.hash)
    }
}
