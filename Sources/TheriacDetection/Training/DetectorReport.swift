public import TheriacCorpora

/// What is known of a trained detector: `report.json`.
public struct DetectorReport: Sendable, Codable, Equatable {
    /// Scores of one attribute on one set's texts.
    public struct Score: Sendable, Codable, Equatable {
        public var set: String
        /// `held-out`: valid and test split of a set whose training split was used; `outside`: a set never
        /// trained on.
        public var part: String
        public var attribute: Attribute
        public var texts: Int
        /// Texts with a label of at least 0.5.
        public var positives: Int
        /// nil when a class is missing.
        public var areaUnderROC: Estimate?
        public var averagePrecision: Estimate?
        /// At the probability 0.5.
        public var f1: Estimate?
        public var macroF1: Double
        public var expectedCalibrationError: Estimate?
        public var brierScore: Double
        /// Share of texts with a probability of at least 0.5.
        public var flagged: Double
    }

    /// Beside stored Perspective scores of RealToxicityPrompts, on test-split texts of one field.
    public struct Agreement: Sendable, Codable, Equatable {
        /// `prompt` or `continuation`.
        public var field: String
        public var attribute: Attribute
        public var texts: Int
        public var correlation: Double?
        /// Shares at or over 0.5.
        public var flaggedHere: Double
        public var flaggedStored: Double
    }

    /// Lines of clean prose of more than 20 bytes, without those that have `<unk>` for rare words.
    public struct CleanProse: Sendable, Codable, Equatable {
        public var file: String
        public var lines: Int
        /// Share with toxicity of at least 0.5.
        public var flagged: Double
    }

    /// Short texts of our own: how many were trained on, and the held-out ones.
    public struct ShortTextScores: Sendable, Codable, Equatable {
        public var trainedInnocent: Int
        public var trainedInsulting: Int
        public var innocent: Int
        public var insulting: Int
        /// Of the held-out ones, how many have toxicity of at least 0.5.
        public var flaggedInnocent: Int
        public var flaggedInsulting: Int
    }

    /// Expected calibration error of one head on the test part of the sets that calibrated it.
    public struct HeadCalibration: Sendable, Codable, Equatable {
        public var head: String
        /// Texts with a label.
        public var texts: Int
        /// Of the raw logits' sigmoid, and after the fitted map.
        public var before: Double
        public var after: Double
    }

    public var detector: DetectorIdentity
    public var licence: String
    public var part: Int
    public var parts: Int
    /// Texts trained on, by set.
    public var trainedTexts: [String: Int]
    public var proseFragments: Int
    /// Variants of those texts trained on, by augmentation; absent without one.
    public var augmentedTexts: [String: Int]?
    /// Rows that could not be read, by set.
    public var unreadableRows: [String: Int]
    /// On the valid split, after each epoch or every so many steps.
    public var validationLoss: [Double]
    public var scores: [Score]
    /// Absent in reports of before it was measured.
    public var calibration: [HeadCalibration]?
    public var agreement: [Agreement]
    public var cleanProse: [CleanProse]
    /// Absent without short texts of our own.
    public var shortTexts: ShortTextScores?
    public var identityTerms: [IdentityTerm]
    /// Absent without templates, and in reports of before it was measured.
    public var identityBias: IdentityBias?
    /// Absent unless the heads are the levels of a taxonomy.
    public var levels: [LevelScore]?
}
