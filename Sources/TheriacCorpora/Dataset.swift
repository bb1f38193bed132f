public import Foundation

/// A public set of labelled texts, and how its labels map to attributes.
public protocol Dataset: Sendable {
    /// What it is.
    static var card: DatasetCard { get }
    /// Reads it from the folder that holds the data pack. Bad rows are reported and the rest goes on.
    /// - Throws: an error when the file is missing or damaged.
    static func read(from dataFolder: URL) throws -> Reading<LabelledText>
}

/// What a dataset is, where it comes from and what to beware of.
public struct DatasetCard: Sendable, Equatable {
    /// What may be done with what is made from a dataset. A summary, not legal advice.
    public enum LicenceGroup: String, Sendable, CaseIterable {
        /// Free, with attribution or none.
        case open
        /// Derived works that are passed on need the same licence.
        case shareAlike
        /// As share-alike, of the GPL family.
        case copyleft
        /// Research use, or terms that are unclear; ask before passing anything on.
        case restricted
        /// Not for products.
        case nonCommercial
    }

    /// Whether models may be trained on it.
    public enum Use: String, Sendable {
        /// Training, on its training split.
        case train
        /// Evaluation only.
        case testOnly
    }

    /// Published name, in kebab-case.
    public var name: String
    /// Licence as stated by the source.
    public var licence: String
    public var licenceGroup: LicenceGroup
    public var use: Use
    /// Repository and path it was taken from.
    public var source: String
    /// The paper.
    public var reference: String
    /// What its labels mean and how they become attributes.
    public var labels: String
    /// What is known to be wrong with it.
    public var knownDefects: String
    /// Its files under the data folder.
    public var relativePaths: [String]

    /// The first of its files under the data folder.
    public var relativePath: String { relativePaths.first ?? "" }
}

/// The datasets Theriac can read.
public enum Datasets {
    /// Every dataset, one a file in `Datasets/`.
    public static let all: [any Dataset.Type] = [
        JigsawSample.self, CivilCommentsSpans.self, SemEvalToxicSpans.self, WikipediaContextSmall.self,
        WikipediaContextLarge.self, WikipediaFuzzed.self, PerspectiveScoredWikipedia.self, EDOS.self,
        HatemojiBuild.self, HatemojiCheck.self, HateXplain.self, Stormfront.self, Surge.self,
        ToxiGenAnnotated.self, OpenAIModeration.self, OLID.self, Davidson.self, TweetEvalHate.self, CAD.self,
        Ethos.self, RealToxicityPrompts.self, ParaDetox.self,
    ]

    /// The dataset of that name, or nil.
    public static func named(_ name: String) -> (any Dataset.Type)? {
        all.first { $0.card.name == name }
    }
}
