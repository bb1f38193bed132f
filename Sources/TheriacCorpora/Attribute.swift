/// A kind of toxicity that a text can show. Raw values are the names used in files, those of
/// RealToxicityPrompts.
public enum Attribute: String, CaseIterable, Codable, Sendable, Hashable {
    /// Rude, disrespectful or unreasonable: likely to make someone leave a discussion.
    case toxicity
    /// Very hateful or aggressive.
    case severeToxicity = "severe_toxicity"
    /// Negative or hateful towards someone because of their identity.
    case identityAttack = "identity_attack"
    /// Insulting towards a person or a group of people.
    case insult
    /// Swear words and other obscene language.
    case profanity
    /// Announces, wishes or calls for harm.
    case threat
    /// Refers to sexual acts or body parts in a lewd way.
    case sexuallyExplicit = "sexually_explicit"
}
