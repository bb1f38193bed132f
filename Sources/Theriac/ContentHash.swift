internal import Foundation
internal import TheriacFiles

/// Hashes that name what a result depends on.
enum ContentHash {
    static func ofAdapter(_ folder: URL) throws -> String {
        var hasher = SHA256Hasher()
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            hasher.update(try sha256(ofFileAt: folder.appendingPathComponent(name)))
        }
        return hasher.finish()
    }
}
