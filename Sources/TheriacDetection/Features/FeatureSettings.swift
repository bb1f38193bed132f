/// Which features a linear detector takes from a text and how it adds them up.
///
/// Stored with the weights: a detector read from disk takes exactly the features that it was trained on.
public struct FeatureSettings: Sendable, Codable, Equatable {
    /// Slots of the weight table are 2 to this power (8 bytes each).
    public var hashBits = 18
    /// Shortest and longest character n-gram, in bytes of the normalised word with its two boundaries
    /// (2...7).
    public var shortestCharacters = 3
    public var longestCharacters = 5
    /// Whether pairs of neighbouring words are features.
    public var wordPairs = true
    /// Changes every hash, so that two detectors share no collisions.
    public var seed: UInt64 = 0
    /// Words of half a window. A text of more words is scored over windows of twice this many, each
    /// overlapping
    /// the next by half.
    public var blockWords = 32
    /// A window's sum is divided by (words + `lengthOffset`) to this power.
    public var lengthExponent = 0.5
    public var lengthOffset = 1.0
    /// How much the worst window weighs in a long text: 0 is the mean of all, infinity the worst alone.
    public var sharpness = 2.0

    public init() {}

    /// What makes these settings unusable; nil when nothing does.
    var problem: String? {
        if !(8...24).contains(hashBits) { return "features.hashBits is \(hashBits); it must be in 8...24" }
        if !(2...7).contains(shortestCharacters) || !(2...7).contains(longestCharacters) {
            return "character n-grams must have 2 to 7 bytes"
        }
        // A word has at most 64 bytes: four lengths of n-gram keep the sum of its weights within 16 bits.
        if !(0...3).contains(longestCharacters - shortestCharacters) {
            return "the longest character n-gram must be 0 to 3 bytes longer than the shortest"
        }
        if !(4...4096).contains(blockWords) {
            return "features.blockWords is \(blockWords); it must be in 4...4096"
        }
        if !(0...1).contains(lengthExponent) { return "features.lengthExponent must be in 0...1" }
        if !(0...100).contains(lengthOffset) { return "features.lengthOffset must be in 0...100" }
        if !(0.01...100).contains(sharpness) { return "features.sharpness must be in 0.01...100" }
        return nil
    }
}
