extension Taxonomy {
    /// The six labels of the 2018 challenge, then the toxicity and sub-types of Civil Comments (2019).
    static let jigsaw = Taxonomy(
        "jigsaw",
        source:
            "Jigsaw, Toxic Comment Classification Challenge, 2018; Unintended Bias in Toxicity Classification, 2019; "
            + "Wulczyn et al., WWW 2017; Borkan et al., WWW 2019 Companion",
        .each(
            Label(
                "toxic", "2018: rude or unreasonable, may make people leave.", holds: [.toxicity: 1],
                fails: [.toxicity: 0], lossy: "A majority of raters, not their share."),
            Label(
                "severe_toxic", "2018: very toxic.", holds: [.severeToxicity: 1], fails: [.severeToxicity: 0],
                lossy: "A majority of raters, not their share."),
            Label(
                "obscene", "Swear words and other obscene language (2018 yes or no, 2019 share of raters).",
                holds: [.profanity: 1],
                fails: [.profanity: 0], lossy: "Obscene talk without a swear word becomes profanity."),
            Label(
                "threat", "Announces or wishes harm (2018 yes or no, 2019 share).", holds: [.threat: 1],
                fails: [.threat: 0]),
            Label(
                "insult", "Insults somebody (2018 yes or no, 2019 share).", holds: [.insult: 1],
                fails: [.insult: 0]),
            Label(
                "identity_hate", "2018: hates somebody for an identity.", holds: [.identityAttack: 1],
                fails: [.identityAttack: 0],
                lossy: "Asked as hatred in 2018 and as an attack in 2019: milder attacks count as 0 here.")),
        .each(
            Label(
                "toxicity", "2019: share of raters who found it toxic.", holds: [.toxicity: 1],
                fails: [.toxicity: 0]),
            Label(
                "severe_toxicity", "2019: share who found it very toxic.", holds: [.severeToxicity: 1],
                fails: [.severeToxicity: 0]),
            Label(
                "identity_attack", "2019: share who found it hateful of an identity.",
                holds: [.identityAttack: 1],
                fails: [.identityAttack: 0]),
            Label(
                "sexual_explicit", "2019: share who found it lewd.", holds: [.sexuallyExplicit: 1],
                fails: [.sexuallyExplicit: 0])))
}
