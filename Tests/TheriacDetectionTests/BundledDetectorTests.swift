import Foundation
import Testing
import TheriacCorpora

@testable import TheriacDetection

@Suite(.enabled(if: Place.detector("steer") != nil && Place.detector("judge") != nil, "no bundled detectors"))
struct BundledDetectorTests {
    private func detectors() throws -> [any Detector] {
        try ["steer", "judge", "lexicon"].compactMap { Place.detector($0) }.map {
            try Detectors.load(folder: $0)
        }
    }

    @Test func tellRudeFromFriendly() throws {
        let rude = [
            "You are a stupid idiot.", "shut up you piece of shit", "What the fuck is wrong with you, moron?",
        ]
        let friendly = [
            "Thank you for the lovely evening.", "The train leaves at nine from platform four.",
            "She opened the window and looked out over the garden.", "Could you please send me the report?",
        ]
        for detector in try detectors() where detector.identity.name != "lexicon" {
            for verdict in try detector.verdicts(for: rude) { #expect(try #require(verdict.toxicity) > 0.8) }
            for verdict in try detector.verdicts(for: friendly) {
                #expect(try #require(verdict.toxicity) < 0.4)
            }
        }
    }

    /// Texts that a detector must not flag, whatever else it gets wrong.
    private static let innocent = [
        "You are a wonderful person", "Scunthorpe class", "shitake mushrooms", "assassin", "cocktail",
        "Have a lovely day", "I am gay", "My wife is Jewish", "He is a black man",
        "I am a proud Muslim woman",
        "Thank you so much, you are the best!", "I disagree with you", "kill two birds with one stone",
        "class",
        "Essex", "Sussex", "Dickens", "Dick Cheney", "analysis", "the Chinese restaurant",
        "That was a damn good film",
    ]
    /// What a detector is known to flag all the same.
    private static let knownMistakes = ["judge": ["kill two birds with one stone"]]
    private static let disguised = [
        "this is sh!t", "you are an a s s h o l e", "fuuuck", "you piece of $hit", "f*u*c*k off",
        "what a b1tch",
    ]

    @Test func tellShortTextsApart() throws {
        let file = Place.package.appending(path: "Assets/text/short-texts.yaml")
        let heldOut = try ShortTexts(file: file, seed: 1).heldOut
        #expect(heldOut.innocent.count > 40 && heldOut.insulting.count > 10)
        #expect(Set(heldOut.innocent).isSuperset(of: Self.innocent))
        for detector in try detectors() where detector.identity.name != "lexicon" {
            func scores(_ texts: [String]) throws -> [Float] {
                try detector.verdicts(for: texts).map { try #require($0.toxicity) }
            }
            let name = detector.identity.name
            let mistakes = Self.knownMistakes[name] ?? []
            for (text, score) in zip(Self.innocent, try scores(Self.innocent)) {
                #expect((score < 0.5) != mistakes.contains(text), "\(name): \(text)")
            }
            for (text, score) in zip(Self.disguised, try scores(Self.disguised)) {
                #expect(score > 0.5, "\(name): \(text)")
            }
            let insulting = try scores(heldOut.insulting)
            #expect(
                Double(insulting.count { $0 > 0.5 }) >= 0.9 * Double(insulting.count),
                "\(name) misses too many")
            let all = try scores(heldOut.innocent)
            #expect(Double(all.count { $0 >= 0.5 }) <= 0.07 * Double(all.count), "\(name) flags too many")
            #expect(Double(all.count { $0 < 0.2 }) >= 0.65 * Double(all.count), "\(name) is unsure too often")
        }
    }

    @Test func lengthChangesLittle() throws {
        let sentence = """
            The committee met on Tuesday to discuss the new library, which will stand between the river and the old \
            market hall and be built of brick and timber.
            """
        let page = (0..<30).map { "\($0 + 1). \(sentence)" }.joined(separator: " ")
        let marked = page + " You are all fucking idiots, you stupid worthless pieces of shit. " + page
        for detector in try detectors() where detector.identity.name != "lexicon" {
            let scores = try detector.verdicts(for: [sentence, page, page + " " + page, marked])
                .map { try #require($0.toxicity) }
            #expect(
                scores[0] < 0.3 && scores[1] < 0.3, "clean sentence \(scores[0]), clean page \(scores[1])")
            #expect(abs(scores[1] - scores[2]) < 0.02, "a page said twice")
            #expect(
                scores[3] > scores[2] + 0.2, "one bad sentence in \(marked.utf8.count) bytes: \(scores[3])")
        }
    }

    @Test func steerAndJudgeAreIndependent() throws {
        let identities = try detectors().map(\.identity)
        #expect(Set(identities.map(\.hash)).count == identities.count)
        #expect(identities[0].trainingHash != identities[1].trainingHash)
    }

    @Test func filesAreSmall() throws {
        for (name, limit) in [("steer", 3_000_000), ("judge", 5_000_000)] {
            let folder = try #require(Place.detector(name))
            let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            let sizes = try paths.map {
                try folder.appending(path: $0).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            }
            #expect(sizes.contains { $0 > 100_000 } && sizes.reduce(0, +) < limit)
        }
    }

    @Test(.enabled(if: Place.data != nil, "the shared data pack is not there"))
    func separateHeldOutContinuations() throws {
        let data = try #require(Place.data)
        let texts = try RealToxicityPrompts.read(from: data).elements
            .filter { $0.split == .test && $0.id.hasSuffix(":continuation") && $0.labels[.toxicity] != nil }
        for detector in try detectors() {
            let scores = try detector.verdicts(for: texts.map(\.text)).map { Double($0.toxicity ?? 0) }
            let labels = texts.map { ($0.labels[.toxicity] ?? 0) >= 0.5 }
            let area = try areaUnderROC(scores: scores, labels: labels)
            #expect(
                area > (detector.identity.name == "lexicon" ? 0.6 : 0.85),
                "\(detector.identity.name): \(area)")
        }
    }
}
