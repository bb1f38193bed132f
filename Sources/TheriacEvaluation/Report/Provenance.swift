public import Foundation
public import TheriacOptions

/// Where a report comes from: all that is needed to make it again.
public struct Provenance: Sendable, Codable, Equatable {
    public var started: Date
    public var finished: Date
    /// The command that makes the report again.
    public var command: String
    /// The resolved recipe as it would be written by hand.
    public var recipeYAML: String
    /// The same settings for programs.
    public var recipe: OptionValue
    /// Versions by name: theriac, libtorch, swift.
    public var versions: [String: String]
    /// SHA-256 in hexadecimal by the name of what was read.
    public var hashes: [String: String]
    public var environment: Environment

    /// The machine, as far as the numbers depend on it.
    public struct Environment: Sendable, Codable, Equatable {
        /// Operating system and processor architecture.
        public var system: String
        public var cores: Int
        public var threads: Int
        /// Where the tensors lived: `cpu`, `cuda:0`.
        public var device: String
        /// Type of the weights in memory: `bf16`, `fp32`.
        public var dtype: String

        public init(system: String, cores: Int, threads: Int, device: String, dtype: String) {
            self.system = system
            self.cores = cores
            self.threads = threads
            self.device = device
            self.dtype = dtype
        }
    }

    public init(
        started: Date, finished: Date, command: String, recipeYAML: String, recipe: OptionValue,
        versions: [String: String], hashes: [String: String], environment: Environment
    ) {
        self.started = started
        self.finished = finished
        self.command = command
        self.recipeYAML = recipeYAML
        self.recipe = recipe
        self.versions = versions
        self.hashes = hashes
        self.environment = environment
    }

    enum CodingKeys: String, CodingKey {
        case started, finished, command, recipe, versions, hashes, environment
        case recipeYAML = "recipe_yaml"
    }
}
