internal import Foundation
public import TheriacDetection
internal import TheriacFiles
public import TheriacOptions

/// The two classes of text that methods tell apart. Raw values are the names in settings and files.
public enum ToxicityClass: String, OptionReadable, CaseIterable {
    case nontoxic, toxic

    /// Its place in weights: 0 for nontoxic.
    var index: Int { self == .nontoxic ? 0 : 1 }
}

/// Texts of both classes, from which methods learn what toxic text is.
public struct ClassedTexts: Sendable {
    public var nontoxic: [String]
    public var toxic: [String]
    /// The detector that told them apart; nil where people did.
    public var labeller: DetectorIdentity?

    public init(nontoxic: [String], toxic: [String], labeller: DetectorIdentity? = nil) {
        self.nontoxic = nontoxic
        self.toxic = toxic
        self.labeller = labeller
    }

    public subscript(kind: ToxicityClass) -> [String] { kind == .nontoxic ? nontoxic : toxic }

    /// SHA-256 over all texts, in order.
    var hash: String {
        var hasher = SHA256Hasher()
        for kind in ToxicityClass.allCases {
            hasher.update("\(kind.rawValue) \(self[kind].count)\n")
            for text in self[kind] { hasher.update("\(text.utf8.count) \(text)") }
        }
        return hasher.finish()
    }
}
