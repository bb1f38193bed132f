extension Taxonomy {
    /// The posts written to fool a classifier.
    static let hatemoji = Taxonomy(
        "hatemoji", source: "Kirk, Vidgen, Röttger, Thrush, Hale, Hatemoji, NAACL 2022",
        .one(
            Label("hate", "Hate against a protected group.", holds: [.toxicity: 1, .identityAttack: 1]),
            Label(
                "nothate", "No hate; abuse of others is here.",
                holds: [.toxicity: 0.2, .identityAttack: 0, .threat: 0],
                lossy:
                    "Abuse of people outside protected groups is here: toxicity is the share among 40 posts read by hand."
            )),
        .one(
            Label("derogation", "Demeans.", holds: [.threat: 0]),
            Label("animosity", "Abuse in disguise.", holds: [.threat: 0]),
            Label("dehumanizinglanguage", "Likens to animals and things.", holds: [.threat: 0]),
            Label("threateninglanguage", "Threatens, wishes or supports harm.", holds: [.threat: 1]),
            when: "hate"))

    /// The functional tests, whose templates without hate are polite.
    static let hatemojiCheck = Taxonomy(
        "hatemoji-check", source: "Kirk, Vidgen, Röttger, Thrush, Hale, Hatemoji, NAACL 2022",
        .one(
            Label("hate", "A hateful template.", holds: [.toxicity: 1, .identityAttack: 1]),
            Label("nothate", "A polite one.", holds: [.toxicity: 0, .identityAttack: 0])))
}
