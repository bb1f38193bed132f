extension Taxonomy {
    static let hatexplain = Taxonomy(
        "hatexplain", source: "Mathew, Saha, Yimam, Biemann, Goyal, Mukherjee, HateXplain, AAAI 2021",
        .one(
            Label(
                "hatespeech", "Share of raters who saw hate speech.",
                holds: [.toxicity: 1, .identityAttack: 1],
                lossy:
                    "For posts of which only the majority is known the mean shares of such posts are taken."),
            Label(
                "offensive", "Share who saw offence without hate.",
                holds: [.toxicity: 1, .identityAttack: 0],
                lossy: "Insult and profanity are one label: both become toxicity only."),
            Label("normal", "Share who saw neither.", holds: [.toxicity: 0, .identityAttack: 0])),
        .each(
            target("African"), target("Arab"), target("Asexual"), target("Asian"), target("Bisexual"),
            target("Buddhism"), target("Caucasian"), target("Christian"), target("Disability"),
            target("Economic"),
            target("Heterosexual"), target("Hindu"), target("Hispanic"), target("Homosexual"),
            target("Indian"),
            target("Indigenous"), target("Islam"), target("Jewish"), target("Men"), target("Minority"),
            target("Nonreligious"), target("Other"), target("Refugee"), target("Women"),
            when: "the raters of the post are known"))

    private static func target(_ name: String) -> Label {
        Label(
            "target/\(name)", "Share of raters who named the community as the target: \(name).",
            lossy: "Our attributes do not say who is attacked: the target is lost.")
    }
}
