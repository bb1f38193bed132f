public import TheriacOptions

/// Another word in its place that sounds or is written much the same, or stands near it in a model's embedding.
public struct NeighbourAttack: WordAttack {
    public static let name = "neighbour"
    public static let summary = "A near word: by sound and spelling, or by a model's embeddings."
    public var rate = 1.0
    /// One of so many nearest words is taken.
    public var among = 3

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("rate", into: &rate, in: 0...1)
        try fields.read("among", into: &among, in: 1...50)
    }

    func disguised(_ word: String, _ context: AttackableText, random: inout some RandomNumberGenerator)
        -> String
    {
        let near = context.neighbours.nearest(to: word.lowercased()).prefix(among)
        guard let chosen = near.randomElement(using: &random) else { return word }
        if word == word.uppercased() { return chosen.uppercased() }
        return word.first?.isUppercase == true ? chosen.prefix(1).uppercased() + chosen.dropFirst() : chosen
    }
}
