import Foundation
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers
import TheriacTraining
import Testing

@testable import TheriacDetox
@testable import TheriacGeneration

/// Rows of different lengths that a session has read.
struct ReadRows {
    let loaded: LoadedModel
    let session: ModelSession
    var state: GenerationState

    init(_ loaded: LoadedModel, prompts: [[Int32]], written: [[Int32]]) throws {
        self.loaded = loaded
        state = GenerationState(prompts: prompts, group: written.count / prompts.count)
        session = ModelSession(loaded, newTokens: 12)
        for length in 0...(written.map(\.count).max() ?? 0) {
            for row in written.indices { state.rows[row].written = Array(written[row].prefix(length)) }
            try Torch.withoutGradients { try session.read(state) }
        }
    }

    static func usual(precision: DType? = nil) throws -> ReadRows {
        try ReadRows(
            TinyModel().load(precision: precision), prompts: [[72, 101, 97, 32, 116], [84, 32]],
            written: [[104, 101, 32], [], [111], [111, 110]])
    }

    /// Reads the last token of each row again.
    func reading(hiddenSums: [[Float]]? = nil) throws -> PerturbedReading {
        try Torch.withoutGradients {
            try PerturbedReading(
                loaded.model, session, places: state.rows.map { session.places(of: $0) },
                tokens: state.rows.map { $0.written.last ?? state.prompt(of: $0).last ?? 0 },
                hiddenSums: hiddenSums, MeanEmbedding(loaded.model))
        }
    }

    func tokens(_ row: Int) -> [Int32] { state.prompt(of: state.rows[row]) + state.rows[row].written }
}

@Suite struct PPLMTests {
    @Test func readsAsTheModelDoesWithoutAPerturbation() throws {
        let rows = try ReadRows.usual()
        let reading = try rows.reading()
        try Torch.withoutGradients {
            let found = try reading.logProbabilities(at: reading.none()).floats()
            try expectClose(
                found, rows.session.logits().logSoftmax().floats(), absolute: 2e-5, relative: 1e-5)
        }
    }

    @Test func readsAPerturbedPastAsACacheThatHoldsIt() throws {
        let loaded = try TinyModel().load()
        let (past, last): ([Int32], Int32) = ([72, 101, 97, 32], 116)
        let rows = try ReadRows(loaded, prompts: [past + [last]], written: [[]])
        try Torch.withoutGradients {
            let reading = try rows.reading()
            let perturbation = try reading.none().enumerated().map { layer, none in
                try Tensor.random(none.shape, seed: UInt64(layer)) * 0.3
            }
            let found = try reading.logProbabilities(at: perturbation).floats()
            // The same numbers put into a cache of keys and values.
            let cache = KVCache(loaded.model.shape, dtype: .float32)
            let segment = try cache.take(5)
            _ = try loaded.model.read(past, CacheTurn(cache, [.init(own: segment, ownLength: 0, added: 4)]))
            for layer in 0..<loaded.model.shape.layers {
                let pool = cache.pool(layer)
                for (index, tensor) in [pool.keys, pool.values].enumerated() {
                    let place = try tensor.slice(0, segment.start..<segment.start + 4)
                    try place.assign(
                        place + perturbation[layer].slice(1, index..<index + 1).reshape(place.shape))
                }
            }
            let hidden = try loaded.model.read(
                [last], CacheTurn(cache, [.init(own: segment, ownLength: 4, added: 1)]))
            let expected = try loaded.model.logits(hidden).logSoftmax().floats()
            expectClose(found, expected, absolute: 2e-5, relative: 1e-5)
        }
    }

    private func attribute(_ name: String) throws -> AttributeLoss {
        var attribute = AttributeLoss(klScale: name == "kl" ? 1 : 0.05, horizon: name == "ahead two" ? 2 : 1)
        switch name {
        case "words": attribute.wanted = [[97, 101, 105], [111]]
        case "avoided words": attribute.unwanted = [[97, 101, 105]]
        case "kl": break
        default:
            attribute.head = DiscriminatorHead(
                weight: try .random([2, 32], seed: 8), bias: try Tensor([Float(0.1), -0.2], shape: [2]))
            attribute.target = name == "ahead two" ? 1 : 0
        }
        return attribute
    }

    /// Most models are stored in bfloat16, and embeddings are float32 only while no gradients are recorded.
    @Test(arguments: ["avoided words", "ahead", "ahead two"])
    func aModelInBfloat16GivesAboutTheSameGradients(name: String) throws {
        let attribute = try attribute(name)
        var random = SplitMix64(seed: 3)
        let sums = (0..<4).map { _ in random.floats(32) }
        func gradients(_ precision: DType?) throws -> [Float] {
            let rows = try ReadRows.usual(precision: precision)
            let reading = try rows.reading(hiddenSums: attribute.head == nil ? nil : sums)
            return try Torch.withoutGradients {
                let plain = try rows.session.logits().logSoftmax()
                return try reading.gradients(at: reading.none()) { hidden, p in
                    try attribute.loss(p, plain: plain, hidden: hidden, reading).sum()
                }.gradients.flatMap { try $0.floats() }
            }
        }
        let (found, expected) = try (gradients(.bfloat16), gradients(nil))
        let product = zip(found, expected).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        func norm(_ values: [Float]) -> Double {
            values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        #expect(found.allSatisfy(\.isFinite) && norm(expected) > 0)
        #expect(product / (norm(found) * norm(expected)) > 0.95)
    }

    @Test(arguments: ["words", "avoided words", "kl", "ahead", "ahead two"])
    func gradientsAreThoseOfFiniteDifferences(name: String) throws {
        let rows = try ReadRows.usual()
        let attribute = try attribute(name)
        let count = rows.state.rows.count
        var random = SplitMix64(seed: 3)
        let reading = try rows.reading(
            hiddenSums: attribute.head == nil ? nil : (0..<count).map { _ in random.floats(32) })
        try Torch.withoutGradients {
            let plain = try rows.session.logits().logSoftmax()
            let hidden = try rows.session.hidden()
            let start = try reading.none().enumerated().map { layer, none in
                try Tensor.random(none.shape, seed: 20 + UInt64(layer)) * 0.1
            }
            func loss(at perturbation: [Tensor]) throws -> (value: Double, gradients: [Tensor]) {
                var value = 0.0
                let found = try reading.gradients(at: perturbation) { _, p in
                    // The hidden state counts as given.
                    let sum = try attribute.loss(p, plain: plain, hidden: hidden, reading).sum()
                    value = try sum.item()
                    return sum
                }
                return (value, found.gradients)
            }
            let gradients = try loss(at: start).gradients
            for seed in 0..<4 {
                // Along the gradient itself first, then anywhere.
                let direction =
                    seed == 0
                    ? gradients
                    : try gradients.enumerated().map { try .random($1.shape, seed: UInt64(100 * seed + $0)) }
                let length = try direction.reduce(0.0) { try $0 + ($1 * $1).sum().item() }.squareRoot()
                let step = 0.02
                let ends = try [step, -step].map { step in
                    try loss(at: zip(start, direction).map { try $0 + $1 * (step / length) }).value
                }
                let expected =
                    try zip(gradients, direction).reduce(0.0) { try $0 + ($1.0 * $1.1).sum().item() } / length
                expectClose((ends[0] - ends[1]) / (2 * step), expected, absolute: 3e-4, relative: 0.02)
            }
        }
    }

    @Test func theMeanLooksAheadFromTheUnperturbedPast() throws {
        // With all probability on one token, looking ahead reads that token behind the text.
        let rows = try ReadRows.usual()
        let next: Int32 = 105
        try Torch.withoutGradients {
            var sums = HiddenSums()
            try sums.read(rows.state, rows.session)
            let reading = try rows.reading(hiddenSums: rows.state.rows.map { sums.before($0) })
            var certain = [Float](repeating: -1e4, count: rows.state.rows.count * TinyModel.vocabulary)
            for row in rows.state.rows.indices { certain[row * TinyModel.vocabulary + Int(next)] = 0 }
            let p = try Tensor(certain, shape: [rows.state.rows.count, TinyModel.vocabulary])
            for horizon in [1, 2] {
                let found = try reading.meanHidden(p, hidden: rows.session.hidden(), horizon: horizon)
                    .floats()
                for row in rows.state.rows.indices {
                    let tokens = rows.tokens(row) + [Int32](repeating: next, count: horizon)
                    let whole = try rows.loaded.model.hidden(
                        TokenBatch([tokens], for: rows.loaded.model.shape))
                    let mean = try (whole.sum(1) / Double(tokens.count)).floats()
                    expectClose(Array(found[row * 32..<(row + 1) * 32]), mean, absolute: 1e-4, relative: 1e-4)
                }
            }
        }
    }

    @Test func sumsAreThoseOfWholeTextsAlsoAfterARewind() throws {
        var rows = try ReadRows.usual()
        var sums = HiddenSums()
        func check() throws {
            try Torch.withoutGradients {
                try rows.session.read(rows.state)
                try sums.read(rows.state, rows.session)
                for (place, row) in rows.state.rows.enumerated() {
                    let past = Array(rows.tokens(place).dropLast())
                    let whole = try rows.loaded.model.hidden(TokenBatch([past], for: rows.loaded.model.shape))
                    expectClose(sums.before(row), try whole.sum(1).floats(), absolute: 1e-4, relative: 1e-4)
                }
            }
        }
        try check()  // tokens it has never seen
        for row in rows.state.rows.indices { rows.state.rows[row].written.append(100) }
        try check()
        rows.state.rows[0].written = [104, 99]
        rows.state.rows[1].written = []
        try check()
        for row in rows.state.rows.indices { rows.state.rows[row].written.append(101) }
        try check()
    }

    @Test func theWindowHoldsTheNewestPlaces() {
        #expect(PPLM.windowWeights(pasts: [3, 1], length: 3, window: 0, decay: false) == [1, 1, 1, 1, 0, 0])
        #expect(PPLM.windowWeights(pasts: [3, 1], length: 3, window: 2, decay: false) == [0, 1, 1, 1, 0, 0])
        #expect(
            PPLM.windowWeights(pasts: [5, 2], length: 5, window: 4, decay: true)
                == [0, 0.25, 0.5, 0.75, 1, 0.75, 1, 0, 0, 0])
    }

    private func processed(
        _ change: (inout PPLMSettings, inout AttributeLoss) -> Void
    ) throws -> (before: [Float], after: [Float]) {
        let rows = try ReadRows.usual()
        var (settings, attribute) = (PPLMSettings(), try attribute("words"))
        change(&settings, &attribute)
        var pplm = PPLM(settings, attribute, rows.loaded.model)
        try pplm.attach(to: rows.session)
        let before = try Torch.withoutGradients { try rows.session.logits() }
        return (try before.floats(), try pplm.process(before, rows.state).floats())
    }

    @Test func nothingChangesAtStrengthZero() throws {
        let changes: [(inout PPLMSettings, inout AttributeLoss) -> Void] = [
            { settings, _ in settings.stepSize = 0 }, { settings, _ in settings.gmScale = 0 },
            { settings, _ in settings.iterations = 0 }, { settings, _ in settings.gradLength = 0 },
        ]
        for change in changes {
            let (before, after) = try processed(change)
            #expect(before == after)
        }
        // A step too small to matter goes the whole way and ends where it began.
        let (before, after) = try processed { settings, _ in settings.stepSize = 1e-7 }
        expectClose(after, before, absolute: 1e-4)
    }

    @Test func wantedWordsBecomeLikelierInEveryRowAndUnwantedOnesLess() throws {
        let words = [97, 101, 105]
        func mass(_ logits: [Float], _ row: Int) -> Double {
            let own = logits[row * TinyModel.vocabulary..<(row + 1) * TinyModel.vocabulary].map {
                exp(Double($0))
            }
            return words.reduce(0) { $0 + own[$1] } / own.reduce(0, +)
        }
        let (before, after) = try processed { settings, attribute in
            settings.stepSize = 0.1
            attribute.wanted = [words.map(Int64.init)]
        }
        let (_, away) = try processed { settings, attribute in
            settings.stepSize = 0.1
            (attribute.wanted, attribute.unwanted) = ([], [words.map(Int64.init)])
        }
        for row in 0..<4 {
            #expect(mass(after, row) > mass(before, row))
            #expect(mass(away, row) < mass(before, row))
        }
    }

    @Test func aStepIsTheGradientOverItsNormForEachRow() throws {
        // One iteration by hand: gradient, its norm over keys and values of a layer, step, and the logits from there.
        let rows = try ReadRows.usual()
        var settings = PPLMSettings()
        (settings.iterations, settings.stepSize, settings.gamma, settings.gmScale) = (1, 0.3, 1.5, 0.8)
        let attribute = try attribute("words")
        var pplm = PPLM(settings, attribute, rows.loaded.model)
        try pplm.attach(to: rows.session)
        try Torch.withoutGradients {
            let logits = try rows.session.logits()
            let found = try pplm.process(logits, rows.state).floats()
            let reading = try rows.reading()
            let plain = try logits.logSoftmax()
            let gradients = try reading.gradients(at: reading.none()) {
                try attribute.loss($1, plain: plain, hidden: $0, reading).sum()
            }.gradients
            let perturbation = try gradients.map { gradient in
                var values = try gradient.floats()
                let size = values.count / 4
                for row in 0..<4 {
                    let own = row * size..<(row + 1) * size
                    let norm = values[own].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot() + 1e-15
                    for index in own { values[index] *= -Float(0.3 / pow(norm, 1.5)) }
                }
                return try Tensor(values, shape: gradient.shape)
            }
            let change = try (reading.logProbabilities(at: perturbation) - plain) * 0.8
            try expectClose(found, (logits + change).floats(), absolute: 2e-4, relative: 1e-4)
        }
    }

    @Test func drawsAreTheSameWhateverTheBatch() throws {
        let loaded = try TinyModel().load()
        func texts(rows: Int) throws -> [Continuation] {
            var settings = GenerationSettings()
            (settings.samples, settings.maxNewTokens, settings.batchRows) = (3, 5, rows)
            var pplm = PPLMSettings()
            pplm.iterations = 2
            let part = DecodingPart.processor(PPLM(pplm, try attribute("ahead"), loaded.model))
            var generator = try TextGenerator(loaded, settings: settings, parts: [part])
            return try generator.continuations(of: [("a", [72, 101, 97]), ("b", [84, 32])])
        }
        #expect(try texts(rows: 6) == texts(rows: 1))
    }

    @Test func theDiscriminatorLearnsWhatSeparatesTheClasses() throws {
        let model = try TinyModel()
        let folder = try TemporaryFolder()
        let output = folder.file("head")
        func texts(_ letters: [String]) -> [String] {
            (0..<40).map { number in (0..<6).map { letters[(number + $0 * $0) % letters.count] }.joined() }
        }
        let texts = ClassedTexts(
            nontoxic: texts(["rain ", "hill ", "tree "]), toxic: texts(["xx", "qq", "zz"]))
        var settings = DiscriminatorTrainingSettings()
        (settings.heldOut, settings.training.epochs, settings.training.learningRate) = (0.2, 30, 0.05)
        let measures = try DiscriminatorTraining.run(
            settings, texts: texts, model: model.load(), output: output)
        #expect(measures["held out"] == 16 && measures["accuracy"] == 1)
        let loaded = try model.load()
        let head = try DiscriminatorHead(folder: output, for: loaded)
        let said = try Torch.withoutGradients {
            try ["rain tree hill ", "zzxxqqzz"].map { text in
                let tokens = loaded.tokenizer.encode(text)
                let hidden = try loaded.model.hidden(TokenBatch([tokens], for: loaded.model.shape))
                return try head.logits(hidden.sum(1) / Double(tokens.count)).argmax(1).integers()[0]
            }
        }
        #expect(said == [0, 1])
        // Another model's hidden states mean something else.
        let step = try DecodingStep(name: "pplm", settings: .object(["discriminator": .string(output.path)]))
        let other = try TinyModel(seed: 2).load()
        #expect(throws: MethodFileError.otherModel(folder: output.path)) {
            try step.makePart(DecodingMethodContractTests.context(other))
        }
    }
}
