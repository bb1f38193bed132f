internal import TheriacCorpora

/// The names Perspective gives to attributes, and which of ours each is.
enum PerspectiveAttributes {
    /// Names whose scores we have: production, the plain meaning of their experimental twins, and one more.
    static let scored: [String: Attribute] = {
        let production: [(String, Attribute)] = [
            ("TOXICITY", .toxicity), ("SEVERE_TOXICITY", .severeToxicity),
            ("IDENTITY_ATTACK", .identityAttack),
            ("INSULT", .insult), ("PROFANITY", .profanity), ("THREAT", .threat),
        ]
        let twins = production.map { ($0.0 + "_EXPERIMENTAL", $0.1) }
        return Dictionary(
            uniqueKeysWithValues: production + twins + [("SEXUALLY_EXPLICIT", .sexuallyExplicit)])
    }()

    /// Names that are published but that no detector here scores. They are refused like unknown ones; a caller that
    /// lets attributes be dropped gets the others.
    static let published: Set<String> = {
        let known = Taxonomies.named("perspective")?.labels.map(\.name) ?? []
        return Set(known + ["TOXICITY_FAST"]).subtracting(scored.keys)
    }()

    /// The short name for an attribute of ours.
    static func name(of attribute: Attribute) -> String { attribute.rawValue.uppercased() }
}

/// An attribute as a request names it: `TOXICITY`, or pinned to a detector, `TOXICITY@PIN`.
struct AttributeReference: Equatable {
    var name: String
    /// A detector's name, version or hash (`sha256:` and digits, or eight digits or more); nil: the default detector.
    var pin: String?

    init(_ text: String) {
        guard let at = text.firstIndex(of: "@") else {
            name = text
            return
        }
        name = String(text[..<at])
        pin = String(text[text.index(after: at)...])
    }
}
