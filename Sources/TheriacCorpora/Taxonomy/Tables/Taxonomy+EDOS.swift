extension Taxonomy {
    static let edos = Taxonomy(
        "edos", source: "Kirk, Yin, Vidgen, Röttger, SemEval-2023 Task 10, 2023",
        .one(
            Label(
                "not-sexist", "No sexism.", holds: [.toxicity: 0.3, .identityAttack: 0.1],
                lossy:
                    "Only sexism was asked for: the values are the shares among 40 posts read by hand, not judgements "
                    + "of the post."),
            Label(
                "sexist", "Abuse or negative sentiment against women.", holds: [.identityAttack: 1],
                lossy: "That it is about women is lost.")),
        .one(
            Label(
                "1", "Threats, plans to harm and incitement.", holds: [.toxicity: 1, .threat: 1],
                lossy: "A wish is not told from an announcement."),
            Label(
                "2", "Derogation.", holds: [.toxicity: 0.9, .threat: 0], lossy: "0.9 is an estimate of ours."),
            Label(
                "3", "Animosity.", holds: [.toxicity: 0.7, .threat: 0], lossy: "0.7 is an estimate of ours."),
            Label(
                "4", "Prejudiced discussion.", holds: [.toxicity: 0.7, .threat: 0],
                lossy: "0.7 is an estimate of ours."),
            when: "sexist"),
        .one(
            Label("1.1", "Threats of harm.", lossy: "Folded into its category."),
            Label("1.2", "Incitement and encouragement of harm.", lossy: "Folded into its category."),
            Label("2.1", "Descriptive attacks.", lossy: "Folded into its category."),
            Label(
                "2.2", "Aggressive and emotive attacks.", holds: [.insult: 1],
                lossy: "An attack on women at large counts as an insult."),
            Label(
                "2.3", "Dehumanising attacks, sexual objectification.",
                lossy: "Lewd or not is not told apart: sexually_explicit stays unknown."),
            Label(
                "3.1", "Gendered slurs, profanities and insults, used casually.", holds: [.insult: 1],
                lossy: "Slur, swear word and insult are one label: profanity stays unknown."),
            Label("3.2", "Stereotypes of gender.", lossy: "Folded into its category."),
            Label("3.3", "Backhanded compliments.", lossy: "Folded into its category."),
            Label("3.4", "Condescension, unwelcome advice.", lossy: "Folded into its category."),
            Label("4.1", "Supports mistreatment of a woman.", lossy: "Folded into its category."),
            Label("4.2", "Supports discrimination against women.", lossy: "Folded into its category."),
            when: "sexist"))
}
