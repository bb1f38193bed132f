extension Taxonomy {
    /// Three levels: B is asked only of OFF, C only of TIN.
    static let olid = Taxonomy(
        "olid",
        source:
            "Zampieri et al., Predicting the Type and Target of Offensive Posts in Social Media, NAACL 2019",
        .one(
            Label(
                "NOT", "Level A: neither offence nor profanity.",
                holds: [.toxicity: 0, .insult: 0, .profanity: 0],
                lossy: "Threats and sexual content are not asked for: they stay unknown."),
            Label(
                "OFF", "Level A: offends, insults, threatens or swears.", holds: [.toxicity: 1],
                lossy: "Any swear word counts as offensive: mild offence becomes toxicity 1.")),
        .one(
            Label(
                "TIN", "Level B: an insult or threat aimed at somebody.", holds: [.toxicity: 1, .insult: 1],
                lossy:
                    "Insult and threat are one label: both become insult, threat stays unknown. Swearing beside the "
                    + "insult is not asked for: profanity stays unknown."),
            Label(
                "UNT", "Level B: swearing or offence aimed at nobody.",
                holds: [.toxicity: 1, .insult: 0, .profanity: 1],
                lossy: "Untargeted offence without a swear word becomes profanity as well."),
            when: "OFF"),
        .one(
            Label(
                "IND", "Level C: the target is one person.",
                lossy: "Our attributes do not say who is attacked: the target is lost."),
            Label(
                "GRP", "Level C: the target is a group with something in common.",
                lossy: "Groups by ethnicity, sex, faith, party or anything else are one label, so it is no "
                    + "identity_attack: the target is lost."),
            Label(
                "OTH", "Level C: the target is an organisation, an event, a thing.",
                lossy: "Our attributes do not say who is attacked: the target is lost."),
            when: "TIN"))
}
