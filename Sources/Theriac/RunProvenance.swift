internal import Foundation
internal import TheriacEvaluation
internal import TheriacOptions
internal import TheriacTensors

/// Collects what a report needs to be made again.
struct RunProvenance {
    let started: Date
    let command: String
    let recipeText: String
    let recipe: OptionValue
    let device: String
    let dtype: String
    let hashes: [String: String]

    func make() throws -> Provenance {
        Provenance(
            started: started, finished: Date(), command: command, recipeYAML: recipeText, recipe: recipe,
            versions: ["theriac": Theriac.version, "libtorch": try Torch.version()], hashes: hashes,
            environment: Provenance.Environment(
                system: Self.system, cores: ProcessInfo.processInfo.processorCount,
                threads: try Torch.threads(),
                device: device, dtype: dtype))
    }

    private static var system: String {
        #if arch(x86_64)
        let architecture = "x86-64"
        #elseif arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "other"
        #endif
        return "\(ProcessInfo.processInfo.operatingSystemVersionString), \(architecture)"
    }
}

/// The package.
public enum Theriac {
    public static let version = "0.1.0"
}
