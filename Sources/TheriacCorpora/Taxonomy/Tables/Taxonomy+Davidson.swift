extension Taxonomy {
    static let davidson = Taxonomy(
        "davidson",
        source:
            "Davidson, Warmsley, Macy, Weber, Automated Hate Speech Detection and the Problem of Offensive Language, "
            + "ICWSM 2017",
        .one(
            Label(
                "hate", "Share of raters who saw hate against a group.",
                holds: [.toxicity: 1, .identityAttack: 1]),
            Label(
                "offensive", "Share who saw offensive language without hate.",
                holds: [.toxicity: 1, .identityAttack: 0],
                lossy:
                    "Insult, profanity and lewdness are one label: all become toxicity only. Words of African American "
                    + "English were rated offensive far too often."),
            Label("neither", "Share who saw neither.", holds: [.toxicity: 0, .identityAttack: 0])))
}
