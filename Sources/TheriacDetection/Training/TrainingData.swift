import Foundation
import TheriacCorpora
import TheriacFiles

/// Everything a recipe names, read and divided.
struct TrainingData {
    var training: [LabelledText] = []
    var validation: [LabelledText] = []
    var test: [LabelledText] = []
    /// Variants of training texts, with how much each counts beside its original.
    var augmented: [(text: LabelledText, weight: Float)] = []
    /// How many each augmentation made.
    var augmentedTexts: [String: Int] = [:]
    /// Whole sets that are never trained on.
    var outside: [LabelledText] = []
    /// Rows that could not be read, by set.
    var problems: [String: Int] = [:]
    /// Texts of the prose, drawn from the corpus.
    var prose: [String] = []
    /// Short texts of our own, with their weights, and those of them that tests score.
    var shortTexts: [ShortTexts.Labelled] = []
    var heldOutShortTexts: (innocent: [String], insulting: [String]) = ([], [])
    var identityTemplates: IdentityTemplates?

    init(_ recipe: DetectorRecipe, dataFolder: URL) throws {
        for own in recipe.sets {
            let name = own.name
            if let file = own.file {
                divide(try keep(LabelledText.reading(file: file, dataset: name), of: name, recipe))
                continue
            }
            let set = try Self.set(name)
            guard set.card.use == .train else {
                throw DetectionError.recipe(reason: "the set '\(name)' is for evaluation only")
            }
            guard recipe.licenceGroups.contains(set.card.licenceGroup.rawValue) else {
                throw DetectionError.recipe(
                    reason: "the set '\(name)' is of the licence group '\(set.card.licenceGroup.rawValue)'; "
                        + "'licence-groups' allows \(recipe.licenceGroups.joined(separator: ", "))")
            }
            divide(try read(set, dataFolder, recipe))
        }
        for name in recipe.tests { outside += try read(try Self.set(name), dataFolder, recipe) }
        identityTemplates = try recipe.identityTemplates.map {
            try IdentityTemplates(path: dataFolder.appending(path: $0).path)
        }
        let measured = (validation + test + outside).map(\.text) + (identityTemplates?.texts ?? [])
        let heldOut = Set(measured.map { TextPart.name(of: $0) })
        var seen = Set<UInt64>()
        training = training.filter { text in
            let name = TextPart.name(of: text.text)
            let isOurs = name % UInt64(recipe.parts) == UInt64(recipe.part)
            return isOurs && !heldOut.contains(name) && seen.insert(name).inserted
        }
        for settings in recipe.augmentations {
            for text in training {
                for variant in settings.variants(of: text, seed: recipe.learner.seed)
                where !heldOut.contains(TextPart.name(of: variant.text)) {
                    augmented.append((variant, settings.weight))
                    augmentedTexts[settings.name, default: 0] += 1
                }
            }
        }
        for settings in recipe.shortTexts {
            let all = try ShortTexts(file: URL(fileURLWithPath: settings.file), seed: 1)
            heldOutShortTexts.innocent += all.heldOut.innocent
            heldOutShortTexts.insulting += all.heldOut.insulting
            for var text in all.texts {
                let name = TextPart.name(of: text.text)
                let isOurs = name % UInt64(recipe.parts) == UInt64(recipe.part)
                guard isOurs, !heldOut.contains(name), seen.insert(name).inserted else { continue }
                text.weight *= settings.weight
                shortTexts.append(text)
            }
        }
        if let settings = recipe.prose {
            prose = try Self.fragments(settings, recipe, dataFolder).filter {
                !heldOut.contains(TextPart.name(of: $0))
            }
        }
    }

    /// SHA-256 over the sorted lines "set, id, text" of what is trained on.
    var trainingHash: String {
        let lines =
            training.map { "\($0.dataset)\t\($0.id)\t\($0.text)" }
            + augmented.map { "augmented\t\($0.text.id)\t\($0.text.text)" }
            + shortTexts.map { "short\t\t\($0.text)" } + prose.map { "prose\t\t\($0)" }
        var hasher = SHA256Hasher()
        for line in lines.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            hasher.update(line)
            hasher.update("\n")
        }
        return hasher.finish()
    }

    private static func set(_ name: String) throws -> any Dataset.Type {
        guard let set = Datasets.named(name) else {
            throw DetectionError.recipe(
                reason: "there is no set '\(name)'; known: "
                    + Datasets.all.map { $0.card.name }.sorted().joined(separator: ", "))
        }
        return set
    }

    /// The texts that say something about a head.
    private mutating func read(
        _ set: any Dataset.Type, _ folder: URL, _ recipe: DetectorRecipe
    ) throws -> [LabelledText] {
        try keep(set.read(from: folder), of: set.card.name, recipe)
    }

    private mutating func keep(
        _ reading: Reading<LabelledText>, of name: String, _ recipe: DetectorRecipe
    ) -> [LabelledText] {
        let heads = recipe.learner.heads
        if !reading.problems.isEmpty { problems[name] = reading.problems.count }
        return reading.elements.filter { text in
            !text.labels.isEmpty || heads.contains { $0.label(of: text) != nil }
        }
    }

    private mutating func divide(_ texts: [LabelledText]) {
        for text in texts {
            switch text.split ?? Split(hashOf: text.text) {
            case .train: training.append(text)
            case .valid: validation.append(text)
            case .test: test.append(text)
            }
        }
    }

    /// Fragments of 8 to 80 words, drawn by seed over the sources' documents; each document belongs to one
    /// part.
    private static func fragments(
        _ settings: ProseSettings, _ recipe: DetectorRecipe, _ dataFolder: URL
    ) throws -> [String] {
        let sources = Set(settings.sources)
        var lines: [String] = []
        let corpus = CorpusFile(
            path: dataFolder.appending(path: settings.corpus).path,
            index: dataFolder.appending(path: settings.index).path)
        try corpus.forEachDocument { document in
            guard sources.isEmpty || sources.contains(document.source ?? "") else { return }
            guard TextPart.part(of: document.text, parts: recipe.parts) == recipe.part else { return }
            for line in document.text.split(separator: "\n") where line.utf8.count > 40 {
                lines.append(String(line))
            }
        }
        var random = SplitMix(seed: recipe.learner.seed &+ 17)
        lines.shuffle(using: &random)
        return lines.prefix(settings.fragments).map { line in
            let words = line.split(separator: " ")
            let length = [8, 15, 30, 80][Int(random.next() % 4)]
            let start = Int(random.next() % UInt64(max(1, words.count - length + 1)))
            return words[start...].prefix(length).joined(separator: " ")
        }
    }
}
