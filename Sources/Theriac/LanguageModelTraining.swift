public import Foundation
internal import TheriacCorpora
internal import TheriacFiles
internal import TheriacModels
internal import TheriacOptions
internal import TheriacTensors
internal import TheriacTokenizers
public import TheriacTraining

/// Runs a ``LanguageModelRecipe``: packs the text, trains, writes a model folder or an adapter.
public struct LanguageModelTraining {
    private let recipe: LanguageModelRecipe
    private let folder: URL
    private let output: URL

    /// - Parameters:
    ///   - folder: what relative paths of the recipe start from.
    ///   - output: gets `model/` or `adapter/`, and meanwhile the checkpoint and `training.jsonl`.
    public init(_ recipe: LanguageModelRecipe, relativeTo folder: URL, output: URL) {
        self.recipe = recipe
        self.folder = folder
        self.output = output
    }

    /// Trains to the end, going on from a checkpoint in the output folder.
    ///
    /// - Returns: the folder of the finished model or adapter.
    public func run(
        limit: Int? = nil, stage: (String) -> Void = { _ in }, progress: (TrainingProgress) -> Void = { _ in }
    ) throws -> URL {
        stage("Reading the model")
        let patient = try open()
        stage("Packing the text")
        let corpus = try pack(
            patient.tokenizer, endOfText: patient.endOfText, limit: patient.model.shape.context)
        let model = patient.model
        model.computeType = recipe.training.precision.dtype
        let adapter = try recipe.adapter.map {
            try LoRAAdapter(on: model, settings: $0, seed: recipe.training.seed)
        }
        let parameters =
            if let adapter {
                zip(adapter.parameterNames, adapter.parameters).map { (name: $0, tensor: $1) }
            } else {
                model.parameters.map { (name: $0.name, tensor: $0.tensor) }
            }
        let task = LanguageModeling(
            model, corpus, recomputesActivations: recipe.training.recomputesActivations)
        let trainer = try Trainer(
            parameters, task: task, settings: recipe.training, identity: identity(corpus, patient),
            folder: output)
        stage(
            trainer.stepsDone == 0
                ? "Training on \(corpus.tokens.count) tokens, \(trainer.totalSteps) steps"
                : "Going on after step \(trainer.stepsDone) of \(trainer.totalSteps)")
        try trainer.run(limit: limit, progress: progress)
        stage("Writing")
        if let adapter {
            let target = output.appendingPathComponent("adapter")
            try adapter.write(
                base: recipe.base ?? "", transposedLinears: type(of: model).storesLinearsTransposed,
                to: target)
            return target
        }
        let target = output.appendingPathComponent("model")
        try CheckpointWriter.write(
            model, configuration: patient.configuration, tokenizerFiles: patient.tokenizerFiles,
            dtype: recipe.store.dtype, to: target)
        return target
    }

    private struct Patient {
        let model: any Architecture
        let configuration: OptionValue
        let tokenizer: Tokenizer
        let tokenizerFiles: [URL]
        let endOfText: Int32
        let hash: String
    }

    private func open() throws -> Patient {
        if let base = recipe.base {
            let loaded = try LoadedModel(
                folder: path(base), precision: recipe.adapter == nil ? .float32 : nil)
            guard let end = loaded.endOfText.min() else { throw WorkbenchError.noEndOfText(base) }
            return Patient(
                model: loaded.model, configuration: loaded.configuration, tokenizer: loaded.tokenizer,
                tokenizerFiles: CheckpointWriter.tokenizerFiles(in: loaded.folder), endOfText: end,
                hash: loaded.hash)
        }
        guard let configuration = recipe.configuration, let place = recipe.tokenizer else {
            throw WorkbenchError.noEndOfText("the recipe")
        }
        let tokenizer = try Tokenizer(folder: path(place))
        guard let end = tokenizer.endOfText else { throw WorkbenchError.noEndOfText(place) }
        let (model, complete) = try Architectures.fresh(
            configuration, vocabulary: tokenizer.vocabularySize, endOfText: Int(end),
            seed: recipe.training.seed)
        let files = CheckpointWriter.tokenizerFiles(in: path(place))
        return Patient(
            model: model, configuration: complete, tokenizer: tokenizer, tokenizerFiles: files,
            endOfText: end,
            hash: try files.map { try sha256(ofFileAt: $0) }.joined())
    }

    private func pack(_ tokenizer: Tokenizer, endOfText: Int32, limit: Int) throws -> PackedTokens {
        guard recipe.blockLength <= limit else {
            throw ModelError.tooLong(tokens: recipe.blockLength, limit: limit)
        }
        var packed = PackedTokens(blockLength: recipe.blockLength, endOfText: endOfText)
        for corpus in recipe.corpora {
            let file = CorpusFile(path: path(corpus.file).path, index: corpus.index.map { path($0).path })
            var taken: [String: Double] = [:]
            let problems = try file.forEachDocument { document in
                if !corpus.sources.isEmpty {
                    // Every (1 / weight)-th document of a source, evenly spread.
                    let source = document.source ?? ""
                    let weight = corpus.sources[source] ?? 0
                    let before = taken[source] ?? 0
                    taken[source] = before + weight
                    guard Int(before + weight) > Int(before) else { return }
                }
                packed.append(tokenizer.encode(document.text))
            }
            if let problem = problems.first {
                throw WorkbenchError.unreadableLine(
                    file: corpus.file, line: problem.line, reason: problem.reason)
            }
            if let missing = corpus.sources.keys.sorted().first(where: { taken[$0] == nil }) {
                throw WorkbenchError.unknownSource(missing, file: corpus.file)
            }
        }
        return packed
    }

    /// Names the run: equal for equal model, tokens and settings.
    private func identity(_ corpus: PackedTokens, _ patient: Patient) throws -> String {
        var hasher = SHA256Hasher()
        hasher.update(patient.hash)
        // Printed dictionaries have no fixed order; JSON with sorted keys has.
        for value in [patient.configuration, recipe.training.option, recipe.adapter.option] {
            hasher.update(String(decoding: try value.jsonData, as: UTF8.self))
        }
        hasher.update("\(corpus.blockLength)")
        corpus.tokens.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }

    private func path(_ text: String) -> URL {
        URL(fileURLWithPath: text, relativeTo: folder).standardizedFileURL
    }
}
