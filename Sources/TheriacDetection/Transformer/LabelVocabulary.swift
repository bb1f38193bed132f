import TheriacCorpora

/// What the labels of published classifiers mean.
enum LabelVocabulary {
    /// By name in lower case, with "_" for blanks and hyphens.
    ///
    /// Empty: known, and no score of toxicity, such as the other side of a two-class head or the groups a text mentions.
    /// Sources: Detoxify (original, unbiased, multilingual), s-nlp/roberta_toxicity_classifier,
    /// facebook/roberta-hate-speech-dynabench-r4-target, and the usual names of two- and three-class heads.
    private static let meanings: [String: [Attribute]] = [
        // Detoxify, Jigsaw, Perspective.
        "toxic": [.toxicity], "toxicity": [.toxicity],
        "severe_toxic": [.severeToxicity], "severe_toxicity": [.severeToxicity],
        "obscene": [.profanity], "profanity": [.profanity], "vulgar": [.profanity],
        "threat": [.threat],
        "insult": [.insult],
        "identity_hate": [.identityAttack], "identity_attack": [.identityAttack],
        "sexual_explicit": [.sexuallyExplicit], "sexually_explicit": [.sexuallyExplicit],
        // Two and three classes. A hateful text is a toxic one too.
        "hate": [.toxicity, .identityAttack], "hateful": [.toxicity, .identityAttack],
        "hate_speech": [.toxicity, .identityAttack], "hatespeech": [.toxicity, .identityAttack],
        "offensive": [.toxicity], "offensive_language": [.toxicity], "off": [.toxicity],
        "abusive": [.toxicity],
        "neutral": [], "nontoxic": [], "non_toxic": [], "not_toxic": [], "nothate": [], "not_hate": [],
        "non_hate": [], "nohate": [], "no_hate": [], "not_hateful": [], "non_hateful": [], "normal": [],
        "neither": [], "non_offensive": [], "not_offensive": [], "nonoffensive": [], "clean": [], "safe": [],
        "none": [], "not": [],
        // Groups that a text mentions (Jigsaw Unintended Bias).
        "male": [], "female": [], "homosexual_gay_or_lesbian": [], "christian": [], "jewish": [],
        "muslim": [],
        "black": [], "white": [], "psychiatric_or_mental_illness": [],
    ]

    /// What a label means; nil when it is not known.
    static func attributes(of label: String) -> [Attribute]? { meanings[plain(label)] }

    /// Whether the labels are those of a published multi-label head, whose exports often do not say so: without
    /// `problem_type` a softmax would be taken over labels that do not exclude each other.
    static func isMultiLabel(_ labels: [String]) -> Bool {
        let names = Set(labels.map(plain))
        return multiLabel.contains { names == $0 || names == $0.union(groups) }
    }

    /// Detoxify's heads and those of models trained on the same sets.
    private static let multiLabel: [Set<String>] = [
        ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"],
        ["toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"],
        ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"],
        Set(Attribute.allCases.map(\.rawValue)),
    ]

    private static let groups: Set<String> = [
        "male", "female", "homosexual_gay_or_lesbian", "christian", "jewish", "muslim", "black", "white",
        "psychiatric_or_mental_illness",
    ]

    private static func plain(_ label: String) -> String {
        String(label.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}
