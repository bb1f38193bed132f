extension Taxonomy {
    /// Attributes of the Perspective API: production, then experimental ones and those of the New York Times.
    static let perspective = Taxonomy(
        "perspective",
        source: "Jigsaw, Perspective API, attributes and languages; Lees et al., KDD 2022",
        .each(
            Label(
                "TOXICITY", "Rude, disrespectful or unreasonable.", holds: [.toxicity: 1],
                fails: [.toxicity: 0],
                lossy: "A machine's calibrated score stands for the share of readers."),
            Label(
                "SEVERE_TOXICITY", "Very hateful or aggressive; friendly swearing counts little.",
                holds: [.severeToxicity: 1], fails: [.severeToxicity: 0]),
            Label(
                "IDENTITY_ATTACK", "Negative or hateful for an identity.", holds: [.identityAttack: 1],
                fails: [.identityAttack: 0]),
            Label("INSULT", "Demeans a person or group.", holds: [.insult: 1], fails: [.insult: 0]),
            Label(
                "PROFANITY", "Swear words, obscene language.", holds: [.profanity: 1], fails: [.profanity: 0]),
            Label("THREAT", "Means to hurt a person or group.", holds: [.threat: 1], fails: [.threat: 0])),
        .each(
            Label(
                "SEXUALLY_EXPLICIT", "Sexual acts or body parts, lewdly.", holds: [.sexuallyExplicit: 1],
                fails: [.sexuallyExplicit: 0]),
            Label(
                "FLIRTATION", "Pick-up lines, compliments on looks.",
                lossy: "There is no such attribute: it is lost.")),
        .each(
            Label("AFFINITY_EXPERIMENTAL", "Shared interests or outlook."),
            Label("COMPASSION_EXPERIMENTAL", "Concern, empathy."),
            Label("CURIOSITY_EXPERIMENTAL", "Asks, wants to understand."),
            Label("NUANCE_EXPERIMENTAL", "Several viewpoints."),
            Label("PERSONAL_STORY_EXPERIMENTAL", "Own experience."),
            Label("REASONING_EXPERIMENTAL", "Argued points."),
            Label("RESPECT_EXPERIMENTAL", "Appreciation."),
            Label("CONSTRUCTIVE_EXPERIMENTAL", "Adds to the discussion."),
            Label("ALIENATION_EXPERIMENTAL", "Us against them."),
            Label("FEARMONGERING_EXPERIMENTAL", "Spreads fear."),
            Label(
                "GENERALIZATION_EXPERIMENTAL", "Speaks of all of a group.",
                lossy: "A generalisation need not be hateful: it is no identity_attack."),
            Label("MORAL_OUTRAGE_EXPERIMENTAL", "Indignation."),
            Label(
                "SCAPEGOATING_EXPERIMENTAL", "Blames a group.",
                lossy: "Blaming need not be hateful: it is no identity_attack."),
            Label("POWER_APPEAL_EXPERIMENTAL", "Claims that some group controls others.")),
        .each(
            Label(
                "ATTACK_ON_AUTHOR", "Attacks the author of an article.",
                lossy: "Who is attacked is lost; the models are too narrow to stand for insult."),
            Label(
                "ATTACK_ON_COMMENTER", "Attacks another commenter.",
                lossy: "Who is attacked is lost; the models are too narrow to stand for insult."),
            Label("INCOHERENT", "Hard to understand."),
            Label("INFLAMMATORY", "Means to provoke."),
            Label("LIKELY_TO_REJECT", "A moderator would reject it."),
            Label(
                "OBSCENE", "Obscene or vulgar language.",
                lossy: "A 2018 model beside PROFANITY, which is used instead."),
            Label("SPAM", "Advertises."),
            Label("UNSUBSTANTIAL", "Trivial or short.")))
}
