/// How often a threshold is right and wrong on the texts of one group.
public struct GroupCounts: Sendable, Codable, Equatable {
    public var truePositives = 0
    public var falsePositives = 0
    public var falseNegatives = 0
    public var trueNegatives = 0

    public init() {}

    public init(truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.falseNegatives = falseNegatives
        self.trueNegatives = trueNegatives
    }

    mutating func add(flagged: Bool, toxic: Bool, times: Int = 1) {
        switch (flagged, toxic) {
        case (true, true): truePositives += times
        case (true, false): falsePositives += times
        case (false, true): falseNegatives += times
        case (false, false): trueNegatives += times
        }
    }

    public var texts: Int { toxic + nontoxic }
    public var toxic: Int { truePositives + falseNegatives }
    public var nontoxic: Int { falsePositives + trueNegatives }

    /// Shares of texts, 0...1; nil when there are none to take the share of.
    public var truePositiveRate: Double? { Self.share(truePositives, of: toxic) }
    public var falsePositiveRate: Double? { Self.share(falsePositives, of: nontoxic) }
    public var falseNegativeRate: Double? { Self.share(falseNegatives, of: toxic) }
    /// Share that is flagged, P(ŷ = 1).
    public var selectionRate: Double? { Self.share(truePositives + falsePositives, of: texts) }
    /// Share of the flagged that are not toxic.
    public var falseDiscoveryRate: Double? { Self.share(falsePositives, of: truePositives + falsePositives) }
    /// Share of the others that are toxic.
    public var falseOmissionRate: Double? { Self.share(falseNegatives, of: falseNegatives + trueNegatives) }
    public var errorRate: Double? { Self.share(falsePositives + falseNegatives, of: texts) }

    private static func share(_ count: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(count) / Double(whole) : nil
    }
}
