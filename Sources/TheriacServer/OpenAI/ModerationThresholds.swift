internal import TheriacCorpora

/// From which scores on a text is flagged: the operator's own word for a category, else what a community's feedback
/// taught about an attribute, else the general threshold.
struct ModerationThresholds: Sendable {
    var settings: ModerationSettings
    /// By attribute; empty for requests that name no community.
    var learnt: [Attribute: Double] = [:]

    /// Whether a text with these scores falls into the category.
    func flags(_ category: ModerationCategory, _ scores: [Attribute: Float]) -> Bool {
        let general = settings.threshold(category.name)
        let isSet = settings.thresholds[category.name] != nil
        return category.holds(scores) { attribute in
            isSet ? general : learnt[attribute].map { Float($0) } ?? general
        }
    }
}
