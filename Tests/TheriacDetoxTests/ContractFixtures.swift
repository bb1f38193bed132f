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
        "dexperts": { folder in
            let names = ["expert", "anti-expert"]
            for (seed, name) in names.enumerated() {
                try writeAdapter(seed: UInt64(seed), to: folder.appendingPathComponent(name))
            }
            return .object(
                Dictionary(
                    uniqueKeysWithValues: names.map { ($0, .string(folder.appendingPathComponent($0).path)) }
                ))
        },
        "gedi": { folder in
            try writeAdapter(seed: 5, to: folder)
            var codes = ClassCodes()
            codes.logitScale = 3
            try JSONEncoder().encode(codes).write(to: folder.appendingPathComponent(ClassCodes.file))
            return .object(["model": .string(folder.path)])
        },
        "steering": { folder in
            let loaded = try TinyModel().load()
            let shape = loaded.model.shape
            var random = SplitMix64(seed: 9)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try SteeringDirections(
                heads: random.floats(shape.layers * shape.heads * shape.headWidth),
                residual: random.floats(shape.layers * shape.width),
                weights: random.floats(shape.layers * shape.heads, in: 1...2), shape: shape
            ).write(to: folder)
            try origin(SteeringTraining.name, loaded).write(to: folder)
            return .object(["directions": .string(folder.path)])
        },
        "self-debiasing": { _ in .object(["descriptions": .list([.string("rude words")])]) },
        "toxification-reversal": { _ in
            .object(["negative": .string("bad: "), "positive": .string("good: ")])
        },
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

    /// An adapter on ``TinyModel`` that changes something.
    static func writeAdapter(seed: UInt64, to folder: URL) throws {
        let loaded = try TinyModel().load()
        var settings = LoRASettings()
        settings.rank = 2
        let adapter = try LoRAAdapter(on: loaded.model, settings: settings, seed: seed)
        for (place, parameter) in adapter.parameters.enumerated() {
            try parameter.assign(.random(parameter.shape, seed: seed * 100 + UInt64(place)))
        }
        try adapter.write(base: "tiny", transposedLinears: true, to: folder)
        try origin("expert", loaded).write(to: folder)
    }

    static func origin(_ method: String, _ loaded: LoadedModel) -> AdapterOrigin {
        AdapterOrigin(identity: "fixture", method: method, steer: nil, model: loaded.hash)
    }
}
