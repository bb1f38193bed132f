import Foundation
import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite struct LabelMappingTests {
    private func mapping(_ labels: [String], _ output: LabelMapping.Output) throws -> LabelMapping {
        try LabelMapping(labels: labels, output: output, folder: URL(fileURLWithPath: "/nowhere"))
    }

    @Test func knowsDetoxify() throws {
        let original = try mapping(
            ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"], .softmax)
        #expect(original.output == .sigmoid)
        #expect(
            original.attributes == [
                [.toxicity], [.severeToxicity], [.profanity], [.threat], [.insult], [.identityAttack],
            ])
        let unbiased = try mapping(
            [
                "toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat",
                "sexual_explicit", "male", "female", "homosexual_gay_or_lesbian", "christian", "jewish",
                "muslim", "black", "white", "psychiatric_or_mental_illness",
            ], .softmax)
        #expect(unbiased.output == .sigmoid)
        #expect(unbiased.scored == Attribute.allCases)
        #expect(Array(unbiased.attributes.suffix(9)) == [[Attribute]](repeating: [], count: 9))
    }

    @Test func knowsTwoClassHeads() throws {
        #expect(try mapping(["neutral", "toxic"], .softmax).attributes == [[], [.toxicity]])
        #expect(
            try mapping(["nothate", "hate"], .softmax).attributes == [[], [.toxicity, .identityAttack]])
        #expect(try mapping(["non-offensive", "offensive"], .softmax).scored == [.toxicity])
        #expect(try mapping(["Non-Toxic", "Toxic"], .softmax).scored == [.toxicity])
    }

    @Test func sumsClassesThatExcludeEachOther() throws {
        let three = try mapping(["hate", "offensive", "neither"], .softmax)
        let probabilities = three.probabilities([0, 0, log(2)])
        #expect(probabilities.map { ($0 * 4).rounded() } == [1, 1, 2])
        let scores = three.scores(probabilities)
        #expect(abs((scores[.toxicity] ?? 0) - 0.5) < 1e-6)
        #expect(abs((scores[.identityAttack] ?? 0) - 0.25) < 1e-6)
    }

    @Test func refusesNumbersAndTakesAMapping() throws {
        #expect { try mapping(["LABEL_0", "LABEL_1"], .softmax) } throws: {
            "\($0)" == """
                The labels of the classifier in '/nowhere' (LABEL_0, LABEL_1) do not say what they mean. Write \
                theriac-labels.yaml beside its config.json, for example 'labels: { LABEL_1: toxicity }'; labels it leaves \
                out are not scored.
                """
        }
        try Place.withTemporaryFolder { folder in
            let file = folder.appending(path: LabelMapping.file)
            try Data("labels: { LABEL_1: [toxicity, insult] }\noutput: sigmoid".utf8).write(to: file)
            let given = try LabelMapping(labels: ["LABEL_0", "LABEL_1"], output: .softmax, folder: folder)
            #expect(given.attributes == [[], [.toxicity, .insult]])
            #expect(given.output == .sigmoid)
            try Data("labels: { LABEL_2: toxicity }".utf8).write(to: file)
            #expect {
                try LabelMapping(labels: ["LABEL_0", "LABEL_1"], output: .softmax, folder: folder)
            } throws: {
                "\($0)".hasSuffix("the classifier has no label 'LABEL_2'; it has LABEL_0, LABEL_1.")
            }
        }
    }
}
