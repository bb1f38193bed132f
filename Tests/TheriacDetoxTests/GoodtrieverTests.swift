import Foundation
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers
import TheriacTraining
import Testing

@testable import TheriacDetox
@testable import TheriacGeneration

@Suite struct GoodtrieverTests {
    /// A store of several files, and its entries as they were put in.
    private func store(
        in folder: URL, _ loaded: LoadedModel, files: Int, blockEntries: Int
    ) throws -> (store: NeighbourStore, keys: [[Float]], tokens: [Int32]) {
        var random = SplitMix64(seed: 6)
        var (keys, tokens): ([[Float]], [Int32]) = ([], [])
        for number in 0..<files {
            let texts = (0..<5).map { _ in random.tokens(9, below: 299) }
            let block = try NeighbourBlock(texts, loaded.model, .float32)
            try block.write(
                to: folder.appendingPathComponent(NeighbourStore.fileName(.toxic, number)), metadata: [:])
            let values = try block.keys.floats()
            keys += (0..<block.tokens.count).map { Array(values[$0 * 32..<($0 + 1) * 32]) }
            tokens += block.tokens
        }
        let made = try NeighbourStore(folder, .toxic, for: loaded, blockEntries: blockEntries)
        return (try #require(made), keys, tokens)
    }

    @Test(arguments: [3, 40, 1000])
    func findsWhatComparingWithEveryEntryFinds(k: Int) throws {
        let loaded = try TinyModel().load()
        let folder = try TemporaryFolder()
        let (store, keys, tokens) = try store(in: folder.url, loaded, files: 3, blockEntries: 7)
        #expect(store.count == 120)
        var random = SplitMix64(seed: 2)
        let queries = (0..<4).map { _ in random.floats(32, in: -2...2) }
        let temperature = 20.0
        let found = try store.neighbours(
            of: Tensor(queries.flatMap { $0 }, shape: [4, 32]), k: k, temperature: temperature)
        for (query, found) in zip(queries, found) {
            let distances = keys.map { key in zip(key, query).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
            }
            let nearest = distances.indices.sorted { distances[$0] < distances[$1] }.prefix(k)
            let weights = nearest.map { exp(-(distances[$0] - distances[nearest[0]]) / temperature) }
            var expected: [Int32: Double] = [:]
            for (place, weight) in zip(nearest, weights) {
                expected[tokens[place], default: 0] += weight / weights.reduce(0, +)
            }
            #expect(Set(found.keys) == Set(expected.keys))
            for (token, weight) in expected {
                expectClose(Double(found[token] ?? 0), weight, absolute: 1e-4, relative: 1e-3)
            }
        }
    }

    @Test func mixesAsWorkedByHand() throws {
        // z = ln [.5, .3, .15, .05]; p⁺ = [.75, .25, –, –], p⁻ = [–, .5, .5, –]; tokens without a neighbour get the
        // smallest of the row: p⁺ = [.75, .25, .25, .25], p⁻ = [.5, .5, .5, .5]. With α = 2:
        // z' = ln [.5 · (3/2)², .3 · (1/2)², .15 · (1/2)², –], the last one being outside the nucleus of .9.
        let z = [0.5, 0.3, 0.15, 0.05].map { Float(log($0)) }
        let logits = try Tensor(z, shape: [1, 4])
        var settings = GoodtrieverSettings()
        let found = try Goodtriever.mixed(
            logits, plain: logits, nontoxic: [[0: 0.75, 1: 0.25]], toxic: [[1: 0.5, 2: 0.5]], settings)
        let expected = [0.5 * 2.25, 0.3 * 0.25, 0.15 * 0.25].map { Float(log($0)) }
        expectClose(Array(try found.floats().prefix(3)), expected, absolute: 1e-5)
        #expect(try found.floats()[3] == -.infinity)
        // Half neighbours, half model; without texts of a class the model stands in.
        settings.share = 0.5
        settings.filterP = 1
        let half = try Goodtriever.mixed(
            logits, plain: logits, nontoxic: [[0: 0.75, 1: 0.25]], toxic: nil, settings)
        let p = [0.5, 0.3, 0.15, 0.05]
        let mixture = zip(p, [0.75, 0.25, 0, 0]).map { 0.5 * $0 + 0.5 * $1 }
        expectClose(
            try half.floats(), zip(p, mixture).map { Float(log($0) + 2 * (log($1) - log($0))) },
            absolute: 1e-5)
    }

    @Test func whatIsBannedStaysBannedAndAlphaZeroIsInert() throws {
        let z: [Float] = [-.infinity, 0, 1, -.infinity]
        let logits = try Tensor(z, shape: [1, 4])
        let found = try Goodtriever.mixed(
            logits, plain: logits, nontoxic: [[0: 1]], toxic: [[1: 1]], GoodtrieverSettings()
        ).floats()
        #expect(found[0] == -.infinity && found[3] == -.infinity && found[2].isFinite)
        var settings = GoodtrieverSettings()
        settings.alpha = 0
        let rows = try ReadRows.usual()
        var method = Goodtriever(nontoxic: nil, toxic: nil, settings)
        try method.attach(to: rows.session)
        let plain = try Torch.withoutGradients { try rows.session.logits() }
        #expect(try method.process(plain, rows.state).floats() == plain.floats())
    }

    @Test func aStoreHoldsTheStateBeforeEachTokenAndGoesOnAfterAKill() throws {
        let model = try TinyModel()
        let folder = try TemporaryFolder()
        let texts = ClassedTexts(
            nontoxic: ["the rain is on the hill", "in the trees", "x", "here and there"],
            toxic: ["not so kind", "at all"])
        var settings = NeighbourTrainingSettings()
        (settings.fileEntries, settings.store) = (10, .fp32)
        let whole = try NeighbourTraining.run(
            settings, texts: texts, model: model.load(), output: folder.file("a"))
        // Another run is stopped after its first file.
        struct Stopped: Error {}
        var reports = 0
        let output = folder.file("b")
        let work = output.appendingPathExtension("training")
        _ = try NeighbourTraining.run(settings, texts: texts, model: model.load(), output: output) { _ in
            reports += 1
            if reports == 1 {
                try? FileManager.default.copyItem(at: work, to: folder.file("saved"))
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("saved").path).count == 1)
        try FileManager.default.removeItem(at: output)
        try FileManager.default.moveItem(at: folder.file("saved"), to: work)
        var resumed = 0
        let again = try NeighbourTraining.run(settings, texts: texts, model: model.load(), output: output) {
            _ in
            resumed += 1
        }
        #expect(again == whole && resumed == reports - 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("a").path).sorted()
        #expect(names.contains("nontoxic-001.safetensors") && names.contains("toxic-000.safetensors"))
        for name in names where name.hasSuffix("safetensors") {
            #expect(
                try Data(contentsOf: folder.file("a").appendingPathComponent(name))
                    == Data(contentsOf: output.appendingPathComponent(name)))
        }
        // The nearest entry to a place of a stored text is that place, and means the token that follows it.
        let loaded = try model.load()
        let store = try #require(try NeighbourStore(output, .toxic, for: loaded))
        let tokens = loaded.tokenizer.encode("not so kind")
        let states = try Torch.withoutGradients {
            try loaded.model.hidden(TokenBatch([tokens], for: loaded.model.shape)).reshape([tokens.count, -1])
        }
        let found = try store.neighbours(
            of: states.slice(0, 0..<tokens.count - 1), k: 1, temperature: 1)
        #expect(found.map { $0.keys.first } == tokens.dropFirst().map { $0 })
        #expect(again["toxic entries"] == Double(store.count))
    }
}
