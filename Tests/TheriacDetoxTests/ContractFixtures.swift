import Foundation
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting

@testable import TheriacDetox

/// Settings for methods that need something made, and what they need, made tiny for ``TinyModel``.
enum ContractFixtures {
    /// By the method's name: fills a folder and returns the settings to use.
    static let fixtures: [String: @Sendable (URL) throws -> OptionValue] = [
        "vocabulary-shift": { folder in
            let loaded = try TinyModel().load()
            try VocabularyShiftWeights(freshFor: loaded, seed: 3).write(to: folder)
            try origin(VocabularyShiftTraining.name, loaded).write(to: folder)
            return .object(["shift": .string(folder.path)])
        },
        "control-token": { _ in .object(["text": .string("Be kind. ")]) },
        "pplm": { folder in
            let loaded = try TinyModel().load()
            try DiscriminatorHead(
                weight: .random([2, loaded.model.shape.width], seed: 4), bias: .zeros([2])
            ).write(to: folder)
            try origin(DiscriminatorTraining.name, loaded).write(to: folder)
            return .object(["discriminator": .string(folder.path)])
        },
        "goodtriever": { folder in
            let loaded = try TinyModel().load()
            for (seed, kind) in ToxicityClass.allCases.enumerated() {
                var random = SplitMix64(seed: UInt64(seed))
                let texts = (0..<4).map { _ in random.tokens(8, below: 299) }
                try NeighbourBlock(texts, loaded.model, .bfloat16).write(
                    to: folder.appendingPathComponent(NeighbourStore.fileName(kind, 0)), metadata: [:])
            }
            try origin(NeighbourTraining.name, loaded).write(to: folder)
            return .object(["store": .string(folder.path), "neighbours": .integer(8)])
        },
    ]

    static func settings(of name: String, in folder: URL) throws -> OptionValue {
        try fixtures[name]?(folder) ?? .object([:])
    }

    static func origin(_ method: String, _ loaded: LoadedModel) -> AdapterOrigin {
        AdapterOrigin(identity: "fixture", method: method, steer: nil, model: loaded.hash)
    }
}
