internal import Foundation
internal import TheriacDetection
public import TheriacRemote
internal import TheriacTensors

/// `theriac doctor`: what is installed, what is missing, what to do.
public enum Doctor {
    public struct Finding: Encodable, Sendable {
        public let what: String
        public let isFound: Bool
        /// Nothing works without it.
        public let isNeeded: Bool
        /// What was found, or what to do.
        public let remark: String

        enum CodingKeys: String, CodingKey {
            case what, remark
            case isFound = "found"
            case isNeeded = "needed"
        }
    }

    public static func examine() -> [Finding] { [machine(), engine(), gpu()] + shipped() }

    /// Whether a server is there, takes the key and has the model its address names.
    public static func examine(server: String, settings: RemoteSettings) -> Finding {
        do {
            let remote = try RemoteModel.open(RemoteAddress(server), settings: settings)
            return Finding(
                what: "server \(remote.address.server)", isFound: true, isNeeded: true,
                remark: "has the model \(remote.address.model)")
        } catch {
            // The address as it was given may hold a key.
            return Finding(what: "server", isFound: false, isNeeded: true, remark: error.description)
        }
    }

    private static func machine() -> Finding {
        let info = ProcessInfo.processInfo
        let memory = Double(info.physicalMemory) / 1e9
        let features = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let bf16 = features.contains("avx512_bf16") || features.contains("amx_bf16")
        return Finding(
            what: "machine", isFound: true, isNeeded: true,
            remark: "\(info.processorCount) cores, \(Int(memory)) GB, bf16 arithmetic "
                + (bf16 ? "in hardware" : "emulated (slow: use --dtype fp32)"))
    }

    private static func engine() -> Finding {
        do {
            return Finding(
                what: "libtorch", isFound: true, isNeeded: true,
                remark: "\(try Torch.version()), \(try Torch.loopThreads()) threads")
        } catch {
            return Finding(what: "libtorch", isFound: false, isNeeded: true, remark: "\(error)")
        }
    }

    private static func gpu() -> Finding {
        let count = (try? Torch.cudaDevices()) ?? 0
        return Finding(
            what: "GPU", isFound: count > 0, isNeeded: false,
            remark: count > 0
                ? "\(count) CUDA device(s)" : "none that libtorch can use; everything runs on the CPU")
    }

    private static func shipped() -> [Finding] {
        let assets: AssetFolder
        do { assets = try AssetFolder() } catch {
            return [Finding(what: "shipped files", isFound: false, isNeeded: true, remark: "\(error)")]
        }
        let files = [
            "models/theriac-lm/model.safetensors", "prompts/theriac-prompts.jsonl", "text/theriac-text.txt",
        ]
        return files.map { path in
            let isThere = (try? assets.file(path)) != nil
            return Finding(
                what: path, isFound: isThere, isNeeded: true,
                remark: isThere ? "ready" : "missing; is the checkout complete?")
        }
            + ["steer", "judge", "lexicon"].map { name in
                do {
                    let detector = try DetectorShelf(assets).load(name)
                    return Finding(
                        what: "detector \(name)", isFound: true, isNeeded: true,
                        remark: detector.identity.description)
                } catch {
                    return Finding(
                        what: "detector \(name)", isFound: false, isNeeded: true, remark: "\(error)")
                }
            }
    }
}
