public import TheriacOptions

/// Settings of the training of a linear detector. Defaults are those of the bundled detectors.
public struct LinearTrainingSettings: Options, Codable, Equatable {
    public var epochs = 10
    /// AdaGrad's step, falling to a tenth.
    public var learningRate: Float = 0.05
    public var l2: Float = 1e-4
    /// Features of fewer texts are left out.
    public var minimumTexts = 2
    /// How much a label of 1 counts against a label of 0.
    public var positiveWeight: Float = 1
    /// Stops when the loss on the valid split has not fallen for so many epochs.
    public var patience = 3
    public var seed: UInt64 = 1

    public init() {}

    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("epochs", into: &epochs, in: 1...1000)
        try fields.read("learning-rate", into: &learningRate, in: 1e-6...10)
        try fields.read("l2", into: &l2, in: 0...1)
        try fields.read("minimum-texts", into: &minimumTexts, in: 1...1000)
        try fields.read("positive-weight", into: &positiveWeight, in: 0.01...100)
        try fields.read("patience", into: &patience, in: 1...1000)
        try fields.read("seed", into: &seed)
    }
}

extension FeatureSettings: Options {
    public mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        try fields.read("hash-bits", into: &hashBits, in: 8...24)
        try fields.read("shortest-characters", into: &shortestCharacters, in: 2...7)
        try fields.read("longest-characters", into: &longestCharacters, in: 2...7)
        try fields.read("word-pairs", into: &wordPairs)
        try fields.read("seed", into: &seed)
        try fields.read("block-words", into: &blockWords, in: 4...4096)
        try fields.read("length-exponent", into: &lengthExponent, in: 0...1)
        try fields.read("length-offset", into: &lengthOffset, in: 0...100)
        try fields.read("sharpness", into: &sharpness, in: 0.01...100)
        if let problem { throw .refused(path: fields.pathOf("longest-characters"), reason: problem) }
    }
}
