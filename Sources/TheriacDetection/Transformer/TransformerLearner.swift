import Foundation
import TheriacCorpora
import TheriacFiles
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTokenizers
import TheriacTraining

/// Trains a ``TransformerDetector``: an encoder with one logit for each head, by a low-rank adapter or in full.
struct TransformerLearner: DetectorLearner {
    static let kind = TransformerDetector.kind

    /// The checkpoint to start from: the name of one that set-up fetched, or a path from the recipe's folder.
    var base = "all-MiniLM-L6-v2"
    /// Another detector's folder, from the recipe's, whose adapter and heads training goes on from; nil for fresh ones.
    var origin: String?
    /// The adapter, when not all weights are trained.
    var adapter = LoRASettings()
    /// Train all weights; the detector then carries a whole checkpoint.
    var isFull = false
    var training = TrainingSettings()
    var heads = DetectorHead.attributes
    /// How the detector reads texts, in training and after.
    var reading = TransformerSettings()
    /// Windows of one text that training looks at, at most: evenly spread over a longer one.
    var trainingWindows = 2
    /// How much a label of 1 counts against a label of 0, by head.
    var positiveWeights: [String: Float] = [:]
    /// Choose those weights so that positive and negative labels count the same in total, by head; at most 20.
    var isBalanced = false
    /// Also learn which tokens make a text toxic, from texts whose spans are marked.
    var hasSpanHead = false
    /// How much the token loss counts beside that of the heads.
    var spanWeight = 0.3
    /// Validation texts that early stopping looks at, spread over all by a hash; 0 for all.
    var validationTexts = 3000
    /// Tokens computed at once.
    var tokenBudget = 4096
    /// What relative paths start from.
    private(set) var folder = URL(fileURLWithPath: ".")

    init() {
        adapter.rank = 16
        adapter.alpha = 32
        adapter.targets = [LoRASettings.allLinear]
        reading.window = 160
        training.validateEvery = 500
        training.patience = 4
        training.decay = 0.01
    }

    var seed: UInt64 { training.seed }

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        folder = URL(fileURLWithPath: fields.source).deletingLastPathComponent()
        try fields.read("base", into: &base)
        try fields.read("full", into: &isFull)
        if isFull, fields.names.contains("adapter") {
            throw .refused(
                path: fields.pathOf("adapter"), reason: "'full' trains all weights, so there is no adapter")
        }
        try fields.read("adapter", into: &adapter)
        try fields.read("from", into: &origin)
        if isFull, origin != nil {
            throw .refused(
                path: fields.pathOf("from"),
                reason: "'from' goes on from an adapter; with 'full', name the other checkpoint as 'base'")
        }
        try fields.read("training", into: &training)
        try fields.read("heads", into: &heads)
        try fields.read("reading", into: &reading)
        try fields.read("training-windows", into: &trainingWindows, in: 1...1000)
        try fields.read("positive-weight", into: &positiveWeights)
        try fields.read("balance", into: &isBalanced)
        try fields.read("span-head", into: &hasSpanHead)
        try fields.read("span-weight", into: &spanWeight, in: 0...100)
        try fields.read("validation-texts", into: &validationTexts, in: 0...10_000_000)
        try fields.read("token-budget", into: &tokenBudget, in: 1...10_000_000)
        let names = heads.map(\.label)
        guard !names.isEmpty, Set(names).count == names.count else {
            throw .refused(path: fields.pathOf("heads"), reason: "name at least one head, and none twice")
        }
        for (name, weight) in positiveWeights.sorted(by: { $0.key < $1.key }) {
            guard names.contains(name), weight > 0 else {
                throw .refused(
                    path: fields.pathOf("positive-weight.\(name)"),
                    reason: "give a number above 0 for one of the heads \(names.joined(separator: ", "))")
            }
        }
    }

    func learn(
        _ recipe: DetectorRecipe, _ data: TrainingData, workspace: URL, limit: Int?,
        progress: (DetectorTraining.Progress) -> Void
    ) throws -> (any LearntDetector)? {
        progress(.init(stage: "reading the base model", done: 0, total: 1))
        // The detector will look for its base by name; better to miss it now than after the training.
        if !isFull { _ = try BaseCheckpoint.folder(baseName, near: workspace.deletingLastPathComponent()) }
        let student = try TransformerStudent(self)
        let start = try origin.map {
            try WarmStart(folder: URL(fileURLWithPath: $0, relativeTo: folder).standardizedFileURL)
        }
        try start?.fill(student.parameters, heads: heads.map(\.label), base: student.hash)
        let sets = SetWeights(recipe, heads: heads)
        progress(.init(stage: "tokenising \(data.training.count) texts", done: 0, total: 1))
        let maker = TransformerExamples(self, student.cutter)
        var examples = maker.examples(sets.trainingTexts(recipe, data))
        maker.weighPositives(&examples)
        let held = maker.examples(sample(data.validation).map { sets.trainingText($0) })
        let task = HeadTraining(
            student.model, examples: examples, validation: held, spanWeight: spanWeight, budget: tokenBudget)
        let identity = try identity(student, examples, held, start)
        let trainer = try Trainer(
            student.parameters, task: task, settings: training, identity: identity, folder: workspace)
        try trainer.run(limit: limit) { step in
            var remark = String(format: "loss %.4f · %.0f texts/s", step.loss, step.tokensPerSecond)
            if let loss = trainer.validationLosses.last {
                remark += String(format: " · validation loss %.4f", loss)
            }
            progress(.init(stage: "training", done: step.step, total: step.total, remark: remark))
        }
        guard trainer.isFinished else { return nil }
        let draft = workspace.appending(path: "draft")
        try AtomicFile.replaceFolder(at: draft) { folder in
            try student.write(to: folder)
            _ = try TransformerDetectorFolder.finish(document(student, recipe), in: folder)
        }
        return LearntTransformer(
            start: start?.identity, draft: draft, detector: try TransformerDetector(folder: draft),
            document: document(student, recipe), validationLosses: trainer.validationLosses)
    }

    /// The base's name in `detector.json`.
    private var baseName: String { URL(fileURLWithPath: base).lastPathComponent }

    private func document(
        _ student: TransformerStudent, _ recipe: DetectorRecipe
    ) -> TransformerDetectorFolder.Document {
        .init(
            name: recipe.name, version: recipe.version,
            base: isFull ? nil : .init(name: baseName, hash: student.hash),
            heads: heads.map {
                .init(label: $0.label, attribute: $0.attribute?.rawValue, calibration: .identity)
            },
            settings: reading, trainingHash: "", files: [:])
    }

    /// The texts that early stopping looks at.
    private func sample(_ texts: [LabelledText]) -> [LabelledText] {
        guard validationTexts > 0, texts.count > validationTexts else { return texts }
        let order = texts.indices.sorted {
            (TextPart.name(of: texts[$0].text), $0) < (TextPart.name(of: texts[$1].text), $1)
        }
        return order.prefix(validationTexts).map { texts[$0] }
    }

    /// Names the run: equal for equal model, settings and examples.
    private func identity(
        _ student: TransformerStudent, _ examples: [HeadExample], _ held: [HeadExample], _ start: WarmStart?
    ) throws -> String {
        var hasher = SHA256Hasher()
        hasher.update(student.hash)
        if let start { hasher.update(start.identity.hash) }
        for value in [training.option, isFull ? .null : adapter.option, reading.option, heads.option] {
            hasher.update(String(decoding: try value.jsonData, as: UTF8.self))
        }
        hasher.update("\(hasSpanHead) \(spanWeight) \(tokenBudget)")
        for example in examples + held { example.update(&hasher) }
        return hasher.finish()
    }

    var introduction: String {
        let what = heads.map(\.label).joined(separator: ", ")
        let how = isFull ? "all weights trained" : "a low-rank adapter of rank \(adapter.rank)"
        let tokens = hasSpanHead ? " A further layer scores single tokens." : ""
        let start = origin.map { " Training went on from the detector in \($0)." } ?? ""
        return """
            A transformer: the encoder \(baseName) with \(how), one calibrated head for \
            each of \(what). English. It reads \(reading.window) tokens at a time; longer texts are read whole, in windows \
            that share \(reading.overlap) tokens, and score as high as their worst window.\(tokens)\(start)
            """
    }

    var limits: [String] {
        [
            "It is a small model: it misses much irony, hate said politely and what needs knowledge of the world, and flags "
                + "some quoted slurs, reclaimed words and counter-speech.",
            "It reads words by their pieces: unusual spellings that hide a word hide it from the model too, unless the text "
                + "is normalised first.",
        ]
    }
}

/// A transformer detector fresh from training: written without calibration and loaded again, so that it is calibrated as
/// it will score.
private struct LearntTransformer: LearntDetector {
    /// The detector that training went on from.
    let start: DetectorIdentity?
    let draft: URL
    let detector: TransformerDetector
    var document: TransformerDetectorFolder.Document
    let validationLosses: [Double]

    var calibration: [Calibration] {
        get { document.heads.map(\.calibration) }
        set { for place in document.heads.indices { document.heads[place].calibration = newValue[place] } }
    }

    /// For each head the highest of a text's windows.
    func logits(of texts: [String]) throws -> [[Double]?] {
        try detector.windowScores(of: texts).map { windows in
            windows.map { windows in
                document.heads.indices.map { head in windows.reduce(-.infinity) { max($0, Double($1[head])) }
                }
            }
        }
    }

    func write(_ recipe: DetectorRecipe, trainingHash: String, to folder: URL) throws -> DetectorIdentity {
        for name in [TransformerDetectorFolder.adapterFolder, TransformerDetectorFolder.modelFolder] {
            let source = draft.appending(path: name)
            guard FileManager.default.fileExists(atPath: source.path) else { continue }
            try FileManager.default.copyItem(at: source, to: folder.appending(path: name))
        }
        var document = document
        // What the other detector had learnt from counts as learnt from here.
        document.trainingHash =
            start.map { sha256(of: Data(($0.trainingHash + "\n" + trainingHash).utf8)) } ?? trainingHash
        return try TransformerDetectorFolder.finish(document, in: folder)
    }
}
