import TheriacCorpora

/// Turns labelled texts into training texts with a recipe's weights, for the given heads.
struct SetWeights {
    private let heads: [DetectorHead]
    private var weights: [String: [LabelWeight]] = [:]
    private var groups: [String: Int] = [:]

    init(_ recipe: DetectorRecipe, heads: [DetectorHead]) {
        self.heads = heads
        for set in recipe.sets {
            weights[set.name] = heads.map { head in
                let factor = set.factor(head.label)
                return LabelWeight(
                    positive: set.weight * factor.positive, negative: set.weight * factor.negative)
            }
            if set.ownOffset { groups[set.name] = groups.count + 1 }
        }
    }

    /// Everything there is to train on.
    func trainingTexts(_ recipe: DetectorRecipe, _ data: TrainingData) -> [TrainingText] {
        var texts = data.training.map { trainingText($0) }
        texts += data.augmented.map { trainingText($0.text, factor: $0.weight) }
        texts += data.shortTexts.map { trainingText($0) }
        if let prose = recipe.prose { texts += data.prose.map { trainingText($0, prose) } }
        return texts
    }

    func trainingText(_ text: LabelledText, factor: Float = 1) -> TrainingText {
        let none = LabelWeight(0)
        var made = TrainingText(text: text.text, targets: [], weights: [], group: groups[text.dataset] ?? 0)
        made.spans = text.toxicSpans
        for (place, head) in heads.enumerated() {
            let weight = weights[text.dataset]?[place] ?? none
            let (target, share) = head.label(of: text).map { weight.weighted($0) } ?? (.nan, 0)
            made.targets.append(target)
            made.weights.append(factor * share)
        }
        return made
    }

    private func trainingText(_ text: ShortTexts.Labelled) -> TrainingText {
        TrainingText(
            text: text.text,
            targets: heads.map { head in Attribute(rawValue: head.label).flatMap { text.labels[$0] } ?? .nan
            },
            weights: [Float](repeating: text.weight, count: heads.count))
    }

    /// Clean prose says something about attributes only.
    private func trainingText(_ text: String, _ prose: ProseSettings) -> TrainingText {
        TrainingText(
            text: text, targets: heads.map { Attribute(rawValue: $0.label) == nil ? .nan : prose.label },
            weights: [Float](repeating: prose.weight, count: heads.count))
    }
}
