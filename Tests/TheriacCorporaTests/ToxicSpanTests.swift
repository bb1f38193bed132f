import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct ToxicSpanTests {
    /// The first text of `dataset` when its file has this one line.
    private static func read(_ dataset: any Dataset.Type, _ line: String) throws -> Reading<LabelledText> {
        let folder = try TemporaryFolder()
        let path = dataset.card.relativePath
        try folder.write(path.hasSuffix(".gz") ? gzip(Data(line.utf8)) : Data(line.utf8), to: path)
        return try dataset.read(from: folder.url)
    }

    static let marked: [(dataset: any Dataset.Type, line: String, spans: [ToxicSpan]?)] = [
        (
            SemEvalToxicSpans.self,
            #"{"id":"a","text":"you dull goose","ranges":[[4,8],[9,14]],"split":"train"}"#,
            [ToxicSpan(scalars: 4..<8, share: 1), ToxicSpan(scalars: 9..<14, share: 1)]
        ),
        (SemEvalToxicSpans.self, #"{"id":"a","text":"you dull goose","ranges":[],"split":"train"}"#, []),
        // Three raters: one marks "dull", one "dull goose", one nothing. A rater's overlapping marks count once.
        (
            CivilCommentsSpans.self,
            #"{"id":"a","text":"you dull goose","annotations":[{"flag":null,"spans":[{"type":"Insult","start":4,"end":8}]},{"flag":null,"spans":[{"type":"Insult","start":4,"end":14},{"type":"Insult","start":6,"end":8}]},{"flag":null,"spans":[]}],"split":"test"}"#,
            [ToxicSpan(scalars: 4..<8, share: 2 / 3), ToxicSpan(scalars: 8..<14, share: 1 / 3)]
        ),
        (
            CivilCommentsSpans.self,
            #"{"id":"a","text":"you","annotations":[{"flag":null,"spans":[{"type":"Insult","start":1,"end":9}]}],"split":"test"}"#,
            nil
        ),
        (
            HateXplain.self,
            #"{"id":"a","text":"such a dull goose","label":"offensive","split":"test","annotators":[{"label":"offensive"},{"label":"offensive"},{"label":"normal"}],"rationales":[[0,0,1,1],[1,0,0,1]]}"#,
            [
                ToxicSpan(scalars: 0..<4, share: 1 / 3), ToxicSpan(scalars: 7..<12, share: 1 / 3),
                ToxicSpan(scalars: 12..<17, share: 2 / 3),
            ]
        ),
        (HateXplain.self, #"{"id":"a","text":"t","label":"hatespeech","split":"train"}"#, nil),
        (Surge.self, #"{"id":0,"text":"t","toxic":false,"split":"valid"}"#, nil),
    ]

    @Test(arguments: marked)
    func readsWhatRatersMarked(dataset: any Dataset.Type, line: String, spans: [ToxicSpan]?) throws {
        let reading = try Self.read(dataset, line)
        #expect(reading.problems.isEmpty)
        #expect(try #require(reading.elements.first).toxicSpans == spans)
    }

    @Test func countsScalarsAndNotCharacters() throws {
        // A family emoji of seven scalars, then a combining accent.
        let line = #"{"id":"a","text":"👨‍👩‍👧‍👦 é du\u0301ll","ranges":[[10,15]],"split":"train"}"#
        let text = try #require(try Self.read(SemEvalToxicSpans.self, line).elements.first)
        let span = try #require(text.toxicSpans?.first).scalars
        let scalars = Array(text.text.unicodeScalars)[span]
        #expect(
            String(String.UnicodeScalarView(scalars)).unicodeScalars.elementsEqual(
                "du\u{301}ll".unicodeScalars))
    }

    @Test func refusesARangeOutsideTheText() throws {
        let reading = try Self.read(
            SemEvalToxicSpans.self, #"{"id":"a","text":"ab","ranges":[[1,3]],"split":"train"}"#)
        #expect(reading.problems.map(\.reason) == ["a range lies outside the text"])
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"))
    func findsTheSpansOfThePublishedFiles() throws {
        let folder = try #require(SharedData.folder).appendingPathComponent("data")
        let semeval = try SemEvalToxicSpans.read(from: folder).elements
        #expect(semeval.filter { $0.split == .valid && $0.toxicSpans?.isEmpty == true }.count == 43)
        #expect(semeval.filter { $0.toxicSpans == nil }.isEmpty)
        let hatexplain = try HateXplain.read(from: folder).elements
        #expect(
            hatexplain.filter { $0.toxicSpans?.isEmpty == false }.count == 447 + 435 + 344 + 314 + 279 + 250
                + 113 + 101)
    }
}
