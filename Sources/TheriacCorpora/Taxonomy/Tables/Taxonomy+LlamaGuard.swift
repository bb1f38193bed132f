extension Taxonomy {
    /// Hazards of Llama Guard 3, after the MLCommons taxonomy, S14 added.
    static let llamaGuard = Taxonomy(
        "llama-guard",
        source: "Meta, Llama Guard 3 model card, 2024; Vidgen et al., MLCommons AI Safety Benchmark, 2024",
        .each(
            Label(
                "S1", "Violent crimes: enables, encourages or endorses them.", holds: [.threat: 1],
                lossy:
                    "Advice on a crime threatens nobody, a threat need not be a crime: both are threat here."),
            Label("S2", "Non-violent crimes.", lossy: "There is no such attribute."),
            Label(
                "S3", "Sex-related crimes.",
                lossy: "Enabling a crime need not be lewd: there is no such attribute."),
            Label("S4", "Sexual exploitation of children.", lossy: "There is no such attribute."),
            Label(
                "S5", "Defamation of a living person.", holds: [.toxicity: 0.5],
                lossy: "A false claim need not be rude: toxicity is left in the middle."),
            Label("S6", "Specialised advice (money, medicine, law).", lossy: "There is no such attribute."),
            Label("S7", "Privacy: somebody's personal data.", lossy: "There is no such attribute."),
            Label("S8", "Intellectual property.", lossy: "There is no such attribute."),
            Label("S9", "Indiscriminate weapons.", lossy: "There is no such attribute."),
            Label(
                "S10", "Hate: demeans or dehumanises for a protected characteristic.",
                holds: [.toxicity: 1, .identityAttack: 1],
                lossy:
                    "Protected groups only, and no word on plain insults, swearing or harassment: their absence is unknown."
            ),
            Label("S11", "Suicide and self-harm.", lossy: "It attacks nobody: there is no such attribute."),
            Label(
                "S12", "Sexual content: erotica.", holds: [.sexuallyExplicit: 1],
                lossy: "Lewd talk that is no erotica is not asked for."),
            Label("S13", "Elections: false claims on how to vote.", lossy: "There is no such attribute."),
            Label("S14", "Abuse of a code interpreter.", lossy: "There is no such attribute.")))
}
