internal import Foundation
internal import TheriacEvaluation
internal import TheriacGeneration
internal import TheriacModels
internal import TheriacRemote
internal import TheriacTensors

/// The model whose likelihoods measure the fluency of continuations: a checkpoint, or a server that says
/// log-probabilities.
struct FluencyModel {
    let source: any LikelihoodSource
    let identity: ContentIdentity

    init(_ loaded: LoadedModel, identity: ContentIdentity) {
        self.init(source: Likelihood(loaded), identity: identity)
    }

    private init(source: any LikelihoodSource, identity: ContentIdentity) {
        self.source = source
        self.identity = identity
    }

    /// The model `named` says: a server's address, a folder, or a shipped model.
    init(
        named: String, precision: DType?, device: Device, server: RemoteSettings, assets: AssetFolder,
        relativeTo base: URL? = nil
    ) throws {
        guard RemoteAddress.isAddress(named) else {
            let folder = try assets.folder(named, kind: "models", relativeTo: base)
            let loaded = try LoadedModel(folder: folder, precision: precision, device: device)
            self.init(
                loaded, identity: ContentIdentity(name: folder.lastPathComponent, hash: loaded.hash))
            return
        }
        let remote = try RemoteModel.open(RemoteAddress(named), settings: server)
        self.init(source: try RemoteLikelihood(remote), identity: ContentIdentity(remote: remote))
    }
}
