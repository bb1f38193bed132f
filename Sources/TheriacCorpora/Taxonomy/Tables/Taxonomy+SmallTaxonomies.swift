extension Taxonomy {
    static let ethos = Taxonomy(
        "ethos", source: "Mollas, Chrysopoulou, Karlos, Tsoumakas, ETHOS, Complex & Intelligent Systems 2022",
        .each(
            Label(
                "hate", "Share of raters who saw hate speech.", holds: [.toxicity: 1, .identityAttack: 1],
                fails: [.toxicity: 0, .identityAttack: 0],
                lossy:
                    "Only hate was asked for: toxicity is at least 0.15, the share of toxic texts among 40 with little "
                    + "hate.")),
        .each(
            Label(
                "violence", "Share who saw violence.", holds: [.threat: 1], fails: [.threat: 0],
                lossy: "Praise of violence counts as a threat."),
            Label(
                "directed_vs_generalized", "Share who saw one person as the target.",
                lossy: "The target is lost."),
            Label("gender", "Share who saw hate for gender.", lossy: "The target is lost."),
            Label("race", "Share who saw hate for race.", lossy: "The target is lost."),
            Label("national_origin", "Share who saw hate for origin.", lossy: "The target is lost."),
            Label("disability", "Share who saw hate for a disability.", lossy: "The target is lost."),
            Label("religion", "Share who saw hate for religion.", lossy: "The target is lost."),
            Label("sexual_orientation", "Share who saw hate for orientation.", lossy: "The target is lost."),
            when: "half of the raters saw hate"))

    static let hateval = Taxonomy(
        "hateval", source: "Basile et al., SemEval-2019 Task 5, 2019",
        .one(
            Label(
                "hateful", "Hateful against women or immigrants.", holds: [.toxicity: 1, .identityAttack: 1]),
            Label(
                "not-hateful", "Not so.", holds: [.toxicity: 0.3, .identityAttack: 0.1],
                lossy:
                    "Hate against others and plain abuse are here: the values are the shares among 40 read by hand."
            )))

    static let stormfront = Taxonomy(
        "stormfront", source: "de Gibert, Perez, Garcia-Pablos, Cuadros, ALW2 2018",
        .one(
            Label("hate", "The sentence is hateful.", holds: [.toxicity: 1, .identityAttack: 1]),
            Label(
                "noHate", "It is not.", holds: [.toxicity: 0.1, .identityAttack: 0.1],
                lossy: "Plain abuse is here: the values are the shares among 40 read by hand."),
            Label(
                "relation", "Hateful only beside other sentences.",
                lossy: "It says nothing of the sentence: such rows are left out."),
            Label("idk/skip", "Not English, or not clear.", lossy: "Such rows are left out.")))

    static let surge = Taxonomy(
        "surge", source: "Surge AI, Toxicity dataset, 2022",
        .each(
            Label(
                "toxic", "Raters called it toxic.", holds: [.toxicity: 1], fails: [.toxicity: 0],
                lossy: "How many raters saw it is not stated.")))

    static let paradetox = Taxonomy(
        "paradetox", source: "Logacheva et al., ParaDetox: Detoxification with Parallel Data, ACL 2022",
        .one(
            Label(
                "toxic", "People rewrote the sentence.", holds: [.toxicity: 0.9],
                lossy: "Which sentences people were given was settled by a classifier: some are only blunt."),
            Label(
                "neutral", "A rewrite by people.", holds: [.toxicity: 0.05],
                lossy: "A rewrite may keep a rude meaning in polite words."),
            Label(
                "toxic_content", "Not to be rewritten, for its meaning is toxic.", holds: [.toxicity: 0.95]),
            Label("not_toxic", "Nothing in it needs rewriting.", holds: [.toxicity: 0.1])))
}
