extension Taxonomy {
    static let cad = Taxonomy(
        "cad", source: "Vidgen, Nguyen, Margetts, Rossini, Tromble, Introducing CAD, NAACL 2021",
        .each(
            Label(
                "Neutral", "No abuse; swearing at nobody is here.",
                holds: [.toxicity: 0, .identityAttack: 0, .insult: 0],
                lossy: "Swearing at nobody becomes toxicity 0; profanity stays unknown."),
            Label(
                "IdentityDirectedAbuse", "Abuse for an identity.", holds: [.toxicity: 1, .identityAttack: 1],
                fails: [.identityAttack: 0]),
            Label(
                "AffiliationDirectedAbuse", "Abuse for a party, job or cause.", holds: [.toxicity: 1],
                lossy: "Whether it insults is not asked: insult stays unknown."),
            Label(
                "PersonDirectedAbuse", "Abuse of one person.", holds: [.toxicity: 1, .insult: 1],
                lossy: "Threats of a person are here as well: they become insult."),
            Label(
                "CounterSpeech", "Answers abuse.",
                lossy: "It says nothing of its own toxicity: a text with this label alone is left out.")))
}
