extension Taxonomy {
    /// Categories of the moderation endpoint.
    static let openAI = Taxonomy(
        "openai", source: "OpenAI, Moderations API; Markov et al., AAAI 2023",
        .each(
            Label(
                "harassment", "Harassing language towards anybody.", holds: [.toxicity: 1],
                fails: [.toxicity: 0],
                lossy: "Insult and other abuse are one category: both become toxicity only."),
            Label(
                "hate", "Hate for an identity.", holds: [.toxicity: 1, .identityAttack: 1],
                fails: [.toxicity: 0, .identityAttack: 0],
                lossy: "Protected groups only: hate against others counts as 0."),
            Label(
                "hate/threatening", "Hate with violence or serious harm to the group.",
                holds: [.toxicity: 1, .identityAttack: 1, .threat: 1]),
            Label(
                "sexual", "Means to arouse, or promotes sexual services.", holds: [.sexuallyExplicit: 1],
                fails: [.sexuallyExplicit: 0], hides: [.toxicity],
                lossy:
                    "Whether such a text is rude is not asked: its toxicity is unknown unless it is hate or harassment."
            ),
            Label(
                "violence", "Depicts death, violence or injury.", fails: [.threat: 0], hides: [.toxicity],
                lossy:
                    "A report of violence is no threat: threat and toxicity stay unknown where it holds, and only its "
                    + "absence says that there is no threat."),
            Label(
                "violence/graphic", "Depicts them in detail.",
                lossy: "A report of violence is no threat: it is lost."),
            Label(
                "self-harm", "Promotes or depicts self-harm.",
                lossy: "It attacks nobody: there is no such attribute."),
            Label(
                "sexual/minors", "Sexual content with somebody under 18.",
                lossy: "Not in any set here; a detector of sexually_explicit does not tell it apart.")),
        .each(
            Label(
                "harassment/threatening", "Harassment with violence or serious harm.",
                holds: [.toxicity: 1, .threat: 1], fails: [:]),
            Label(
                "self-harm/intent", "The author means to harm themself.",
                lossy: "There is no such attribute."),
            Label("self-harm/instructions", "Tells how to do it.", lossy: "There is no such attribute."),
            Label("illicit", "Advice on how to do wrong.", lossy: "There is no such attribute."),
            Label(
                "illicit/violent", "Such advice with violence or weapons.",
                lossy: "There is no such attribute."),
            when: "the endpoint has the category (not in the set of 2023)"))

    /// The letters of the published evaluation set, for the same things.
    static let openAI2023 = Taxonomy(
        "openai-2023", source: "Markov et al., A Holistic Approach to Undesired Content Detection, AAAI 2023",
        .each(
            Label(
                "S", "Sexual: openai/sexual.", holds: [.sexuallyExplicit: 1], fails: [.sexuallyExplicit: 0],
                hides: [.toxicity], lossy: "Whether such a text is rude is not asked."),
            Label(
                "H", "Hate: openai/hate.", holds: [.toxicity: 1, .identityAttack: 1],
                fails: [.toxicity: 0, .identityAttack: 0], lossy: "Protected groups only."),
            Label(
                "V", "Violence: openai/violence.", fails: [.threat: 0], hides: [.toxicity],
                lossy: "A report of violence is no threat."),
            Label(
                "HR", "Harassment: openai/harassment.", holds: [.toxicity: 1], fails: [.toxicity: 0],
                lossy: "Insult and other abuse are one category: both become toxicity only."),
            Label("SH", "Self-harm: openai/self-harm.", lossy: "There is no such attribute."),
            Label("S3", "Sexual with minors: openai/sexual/minors.", lossy: "Not told apart."),
            Label(
                "H2", "Hateful and threatening: openai/hate/threatening.",
                holds: [.toxicity: 1, .identityAttack: 1, .threat: 1]),
            Label(
                "V2", "Graphic violence: openai/violence/graphic.",
                lossy: "A report of violence is no threat.")))
}
