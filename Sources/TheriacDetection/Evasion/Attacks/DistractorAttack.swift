public import TheriacOptions

/// Friendly words before or after the text, to dilute it. The text itself stays.
public struct DistractorAttack: TextAttack {
    public static let name = "distractors"
    public static let summary = "Friendly words and sentences before or after the text."
    public var rate = 1.0
    /// How many are put in.
    public var count = 3

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
        try fields.read("count", into: &count, in: 1...20)
    }

    public func attacked(_ text: AttackableText, random: inout some RandomNumberGenerator) -> String {
        guard rate > 0 else { return text.text }
        let chosen = (0..<count).map { _ in Self.list[Int.random(in: Self.list.indices, using: &random)] }
        let friendly = chosen.joined(separator: " ")
        return Bool.random(using: &random) ? "\(friendly) \(text.text)" : "\(text.text) \(friendly)"
    }

    /// Of our own.
    private static let list = [
        "love", "peace", "Have a lovely day!", "Thank you so much.", "What a beautiful morning.",
        "kind regards",
        "hugs", "The garden is full of flowers.", "We had a wonderful picnic.", "puppies and sunshine",
        "I am grateful for your help.", "Best wishes to the whole family.",
        "Congratulations on the new house!",
        "The soup was delicious.", "My grandmother bakes great bread.", "Happy birthday!", "good luck",
        "The children sang all afternoon.", "Enjoy the weekend.", "What a kind thing to say.", "friends",
        "The lake was calm and clear.", "Welcome to the team.", "Please and thank you.", "It was a pleasure.",
    ]
}
