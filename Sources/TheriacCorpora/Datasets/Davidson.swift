public import Foundation

/// Tweets labelled hate, offensive or neither by three or more raters.
public enum Davidson: Dataset {
    public static let card = DatasetCard(
        name: "davidson",
        licence: "MIT (tweets: X/Twitter terms)",
        licenceGroup: .restricted,
        use: .train,
        source: "t-davidson/hate-speech-and-offensive-language: data/labeled_data.csv",
        reference:
            "Davidson, Warmsley, Macy, Weber, Automated Hate Speech Detection and the Problem of "
            + "Offensive Language, ICWSM 2017",
        labels:
            "toxicity is the share of raters who said hate or offensive, identity_attack the "
            + "share who said hate.",
        knownDefects:
            "Gathered by a lexicon, so most are offensive; African American English is called "
            + "offensive far too often.",
        relativePaths: ["toxicity/davidson.jsonl"]
    )

    public static func read(from dataFolder: URL) throws -> Reading<LabelledText> {
        try rows(in: dataFolder) { row throws(DatasetRow.Problem) in
            let hate = try row.number("hate", in: 0...1000)
            let offensive = try row.number("offensive", in: 0...1000)
            let neither = try row.number("neither", in: 0...1000)
            let raters = hate + offensive + neither
            guard raters > 0 else { throw DatasetRow.Problem(reason: "it has no raters") }
            return NativeLabels([
                "davidson/hate": hate / raters, "davidson/offensive": offensive / raters,
                "davidson/neither": neither / raters,
            ])
        }
    }
}
