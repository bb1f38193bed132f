extension Taxonomy {
    static let toxigen = Taxonomy(
        "toxigen",
        source: "Hartvigsen et al., ToxiGen, ACL 2022; Hosseini, Palangi, Awadallah, TrustNLP 2023",
        .each(
            Label(
                "hate", "All raters found the statement hateful of its group.", holds: [.identityAttack: 1],
                fails: [.identityAttack: 0], lossy: "Statements on which raters disagree are not in the set.")
        ),
        .each(
            Label(
                "toxicity", "Mean of the raters' 1 to 5, as (mean − 1) / 4.", holds: [.toxicity: 1],
                fails: [.toxicity: 0], lossy: "A mean of degrees is not a share of raters.")),
        .each(
            target("asian"), target("black"), target("chinese"), target("jewish"), target("latino"),
            target("lgbtq"),
            target("mental dis"), target("mexican"), target("middle-eastern"), target("muslim"),
            target("native-american"), target("physical dis"), target("women")))

    private static func target(_ name: String) -> Label {
        Label(
            "target/\(name)", "The statement is about this group: \(name).",
            lossy: "Our attributes do not say who is attacked: the target is lost.")
    }
}
