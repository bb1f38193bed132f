import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct DatasetTests {
    /// Writes `lines` where `dataset` looks for its first file, and reads them.
    private static func read(_ dataset: any Dataset.Type, _ lines: String...) throws -> Reading<LabelledText>
    {
        let folder = try TemporaryFolder()
        for (number, path) in dataset.card.relativePaths.enumerated() {
            let content = Data((number == 0 ? lines.joined(separator: "\n") : "").utf8)
            try folder.write(path.hasSuffix(".gz") ? gzip(content) : content, to: path)
        }
        return try dataset.read(from: folder.url)
    }

    private static func labels(_ dataset: any Dataset.Type, _ line: String) throws -> [Attribute: Float]? {
        let reading = try read(dataset, line)
        #expect(reading.problems.isEmpty)
        return reading.elements.first?.labels
    }

    static let mappings: [(dataset: any Dataset.Type, line: String, labels: [Attribute: Float]?)] = [
        (
            JigsawSample.self,
            #"{"id":"a","text":"t","toxic":1,"severe_toxic":0,"obscene":1,"threat":0,"insult":1,"identity_hate":0}"#,
            [.toxicity: 1, .severeToxicity: 0, .profanity: 1, .threat: 0, .insult: 1, .identityAttack: 0]
        ),
        (
            CivilCommentsSpans.self,
            #"{"id":"a","text":"t","annotations":[{"flag":"all_toxic","spans":[]},{"flag":null,"spans":[{"type":"Insult"}]}],"split":"train"}"#,
            [.toxicity: 0.75]
        ),
        (
            CivilCommentsSpans.self,
            #"{"id":"a","text":"t","annotations":[{"flag":"not_toxic","spans":[{"type":"Threat"}]},{"flag":null,"spans":[{"type":"Insu"},{"type":"Insult"}]},{"flag":null,"spans":[]},{"flag":"all_toxic","spans":[{"type":"Insult"},{"type":"Profane/Obscene"}]}],"split":"test"}"#,
            [.toxicity: 0.625, .insult: 2 / 3, .threat: 1 / 3, .profanity: 1 / 3, .identityAttack: 0]
        ),
        (SemEvalToxicSpans.self, #"{"id":"a","text":"t","ranges":[[0,1]],"split":"train"}"#, [.toxicity: 1]),
        (SemEvalToxicSpans.self, #"{"id":"a","text":"t","ranges":[],"split":"train"}"#, [.toxicity: 0.5]),
        (
            WikipediaContextSmall.self, #"{"id":0,"text":"t","votes_without_context":[0.0,0.5,1.0]}"#,
            [.toxicity: 0.5]
        ),
        (
            WikipediaContextLarge.self, #"{"id":"a","text":"t","toxic":1,"score":0.1,"split":"train"}"#,
            [.toxicity: 0.7]
        ),
        (WikipediaFuzzed.self, #"{"id":"a","text":"t","toxic":true,"fuzzed":true}"#, [.toxicity: 1]),
        (
            PerspectiveScoredWikipedia.self,
            #"{"id":"a","text":"t","scores":{"toxicity_6":0.1,"severe_toxicity_2":0.2,"identity_attack":0.3,"insult":0.4,"profanity":0.5,"threat":0.6,"sexually_explicit":0.7,"toxicity_5":0.9}}"#,
            [
                .toxicity: 0.1, .severeToxicity: 0.2, .identityAttack: 0.3, .insult: 0.4, .profanity: 0.5,
                .threat: 0.6,
                .sexuallyExplicit: 0.7,
            ]
        ),
        (
            EDOS.self,
            #"{"id":"a","text":"t","sexist":true,"category":"1. threats, plans to harm and incitement","vector":"1.1 threats of harm","split":"train"}"#,
            [.toxicity: 1, .identityAttack: 1, .threat: 1]
        ),
        (
            EDOS.self,
            #"{"id":"a","text":"t","sexist":true,"category":"3. animosity","vector":"3.1 casual use","split":"train"}"#,
            [.toxicity: 0.7, .identityAttack: 1, .threat: 0, .insult: 1]
        ),
        (
            EDOS.self, #"{"id":"a","text":"t","sexist":false,"category":null,"vector":null,"split":"test"}"#,
            [.toxicity: 0.3, .identityAttack: 0.1]
        ),
        (
            HatemojiBuild.self, #"{"id":0,"text":"t","hate":1,"type":"threateninglanguage","split":"train"}"#,
            [.toxicity: 1, .identityAttack: 1, .threat: 1]
        ),
        (
            HatemojiBuild.self, #"{"id":0,"text":"t","hate":0,"type":"none","split":"train"}"#,
            [.toxicity: 0.2, .identityAttack: 0, .threat: 0]
        ),
        (HatemojiCheck.self, #"{"id":0,"text":"t","hate":1}"#, [.toxicity: 1, .identityAttack: 1]),
        (
            HateXplain.self,
            #"{"id":"a","text":"t","label":"offensive","split":"test","annotators":[{"label":"offensive"},{"label":"hatespeech"},{"label":"normal"}]}"#,
            [.toxicity: 2 / 3, .identityAttack: 1 / 3]
        ),
        (
            HateXplain.self, #"{"id":"a","text":"t","label":"hatespeech","split":"train"}"#,
            [.toxicity: 0.96, .identityAttack: 0.83]
        ),
        (
            HateXplain.self, #"{"id":"a","text":"t","label":"undecided","split":null}"#,
            [.toxicity: 2 / 3, .identityAttack: 1 / 3]
        ),
        (
            Stormfront.self, #"{"id":"a","text":"t","label":"hate","split":null}"#,
            [.toxicity: 1, .identityAttack: 1]
        ),
        (Stormfront.self, #"{"id":"a","text":"t","label":"relation","split":null}"#, nil),
        (Surge.self, #"{"id":0,"text":"t","toxic":false,"split":"valid"}"#, [.toxicity: 0]),
        (
            ToxiGenAnnotated.self,
            #"{"id":0,"text":"t","label":"hate","toxicity_score":4.0,"split":"train"}"#,
            [.toxicity: 0.75, .identityAttack: 1]
        ),
        (
            OpenAIModeration.self,
            #"{"id":0,"text":"t","labels":{"sexual":0,"hate":0,"violence":0,"harassment":0,"hate_threatening":0}}"#,
            [.toxicity: 0, .identityAttack: 0, .threat: 0, .sexuallyExplicit: 0]
        ),
        (
            OpenAIModeration.self,
            #"{"id":0,"text":"t","labels":{"sexual":null,"hate":null,"violence":null,"harassment":null,"hate_threatening":1}}"#,
            [.toxicity: 1, .identityAttack: 1, .threat: 1]
        ),
        (
            OpenAIModeration.self,
            #"{"id":0,"text":"t","labels":{"sexual":1,"hate":0,"violence":0,"harassment":0,"hate_threatening":0}}"#,
            [.identityAttack: 0, .threat: 0, .sexuallyExplicit: 1]
        ),
        (
            OLID.self,
            #"{"id":"1","text":"t","subtask_a":"OFF","subtask_b":"UNT","subtask_c":null,"split":"train"}"#,
            [.toxicity: 1, .insult: 0, .profanity: 1]
        ),
        (
            OLID.self,
            #"{"id":"1","text":"t","subtask_a":"NOT","subtask_b":null,"subtask_c":null,"split":"train"}"#,
            [.toxicity: 0, .insult: 0, .profanity: 0]
        ),
        (
            Davidson.self,
            #"{"id":0,"text":"t","label":"offensive","hate":1,"offensive":2,"neither":1,"count":4,"split":"train"}"#,
            [.toxicity: 0.75, .identityAttack: 0.25]
        ),
        (
            TweetEvalHate.self, #"{"id":"a","text":"t","hate":0,"split":"train"}"#,
            [.toxicity: 0.3, .identityAttack: 0.1]
        ),
        (
            CAD.self, #"{"id":"a","text":"t","labels":["AffiliationDirectedAbuse"],"split":"train"}"#,
            [.toxicity: 1, .identityAttack: 0]
        ),
        (
            CAD.self,
            #"{"id":"a","text":"t","labels":["PersonDirectedAbuse","IdentityDirectedAbuse"],"split":"train"}"#,
            [.toxicity: 1, .identityAttack: 1, .insult: 1]
        ),
        (CAD.self, #"{"id":"a","text":"t","labels":["CounterSpeech"],"split":"train"}"#, nil),
        (
            Ethos.self, #"{"id":0,"text":"t","hate":0.8,"aspects":{"violence":0.5},"split":"train"}"#,
            [.toxicity: 0.8, .identityAttack: 0.8, .threat: 0.5]
        ),
        (
            Ethos.self, #"{"id":0,"text":"t","hate":0.0,"aspects":null,"split":"train"}"#,
            [.toxicity: 0.15, .identityAttack: 0]
        ),
    ]

    @Test(arguments: mappings.indices)
    func mapsLabels(index: Int) throws {
        let mapping = Self.mappings[index]
        let labels = try Self.labels(mapping.dataset, mapping.line)
        #expect(
            labels?.keys.sorted { $0.rawValue < $1.rawValue }
                == mapping.labels?.keys.sorted { $0.rawValue < $1.rawValue })
        for (attribute, value) in mapping.labels ?? [:] {
            #expect(
                abs((labels?[attribute] ?? -1) - value) < 1e-6, "\(mapping.dataset.card.name) \(attribute)")
        }
    }

    @Test func takesPromptAndContinuationApart() throws {
        let reading = try Self.read(
            RealToxicityPrompts.self,
            #"{"filename":"f","begin":340,"end":564,"prompt":{"text":"a","toxicity":0.5,"threat":null,"flirtation":0.9},"continuation":{"text":" b","toxicity":0.25}}"#,
            #"{"filename":"f","begin":400,"end":564,"prompt":{"text":"c","toxicity":null},"continuation":{"text":" d","insult":0.25}}"#,
            #"{"filename":"f","begin":500,"end":564,"prompt":{"text":"c","toxicity":2},"continuation":{"text":" d"}}"#
        )
        #expect(reading.elements.map(\.id) == ["f:340:prompt", "f:340:continuation", "f:400:continuation"])
        #expect(reading.elements.map(\.labels) == [[.toxicity: 0.5], [.toxicity: 0.25], [.insult: 0.25]])
        #expect(
            reading.problems == [
                LineProblem(line: 3, reason: "the field 'toxicity' is not a number in 0.0...1.0")
            ])
    }

    @Test func reportsBadRowsAndGoesOn() throws {
        let reading = try Self.read(
            Surge.self, #"{"id":0,"text":"t","toxic":true,"split":"train"}"#, #"{"id":1,"text":"t"}"#,
            "nonsense",
            #"{"text":"t","toxic":true}"#, #"{"id":2,"toxic":true}"#,
            #"{"id":3,"text":"t","toxic":false,"split":null}"#)
        #expect(reading.elements.map(\.id) == ["0", "3"])
        #expect(reading.elements[1].split == Split(hashOf: "t"))
        #expect(reading.elements[0].dataset == "surge")
        #expect(
            reading.problems.map(\.description) == [
                "Line 2: the field 'toxic' is neither true nor false.",
                "Line 3: it is not valid JSON: there is an unknown word (byte 0).",
                "Line 4: the field 'id' is missing.",
                "Line 5: the field 'text' is not a string.",
            ])
    }

    @Test func cardsAreComplete() {
        #expect(Set(Datasets.all.map { $0.card.name }).count == Datasets.all.count)
        for card in Datasets.all.map({ $0.card }) {
            #expect(card.name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
            for text in [card.licence, card.source, card.reference, card.labels, card.knownDefects] {
                #expect(!text.isEmpty, "\(card.name)")
            }
            #expect(!card.relativePaths.isEmpty)
            #expect(Datasets.named(card.name)?.card == card)
        }
        #expect(Datasets.named("nothing") == nil)
    }
}
