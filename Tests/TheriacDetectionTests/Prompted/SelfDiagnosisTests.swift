import Foundation
import Testing
import TheriacCorpora
import TheriacGeneration
import TheriacModels
import TheriacOptions
import TheriacTensors
import TheriacTesting
import TheriacTokenizers

@testable import TheriacDetection

/// A detector's folder around a tiny model.
private struct Patient {
    let model: TinyModel
    let folder: TemporaryFolder

    init(context: Int = 200, _ settings: String = "", kind: String = "self-diagnosis") throws {
        model = try TinyModel(settings: ["n_positions": .integer(context)])
        folder = try TemporaryFolder()
        let more = settings.isEmpty ? "" : ", " + settings
        try folder.write(
            "{\"kind\": \"\(kind)\", \"model\": \"\(model.folder.path)\"\(more)}", to: "detector.json")
    }
}

private let shortQuestion = #""template": "{text} {description}? A:""#

@Suite struct SelfDiagnosisTests {
    @Test func isTheShareOfYesInTheNextToken() throws {
        let patient = try Patient(#""yes": " y", "no": " n""#)
        let detector = try #require(
            try Detectors.load(folder: patient.folder.url) as? SelfDiagnosisDetector)
        #expect(detector.attributes.count == 6 && !detector.attributes.contains(.insult))
        let loaded = try patient.model.load()
        let texts = ["You dull goose!", "two\nlines", "  \n"]
        let verdicts = try detector.verdicts(for: texts)
        #expect(verdicts[2] == .unscored(reason: "empty text"))
        let (yes, no) = (loaded.tokenizer.encode(" y")[0], loaded.tokenizer.encode(" n")[0])
        for (text, verdict) in zip(["You dull goose!", "two lines"], verdicts) {
            let prompt = "\"\(text)\"\nQuestion: Does the above text contain a threat?\nAnswer:"
            let tokens = loaded.tokenizer.encode(prompt)
            let vocabulary = loaded.model.shape.vocabulary
            let logits = try Torch.withoutGradients { try loaded.model.logits(of: [tokens]).floats() }
            let last = logits[((tokens.count - 1) * vocabulary)...]
            let odds = last[last.startIndex + Int(yes)] - last[last.startIndex + Int(no)]
            guard case .scored(let scores) = verdict else {
                Issue.record("a text was not scored")
                continue
            }
            expectClose([try #require(scores[.threat])], [1 / (1 + exp(-odds))], absolute: 1e-5)
        }
    }

    @Test func aLongTextIsAskedAboutInWindowsAndTheWorstCounts() throws {
        let patient = try Patient(
            context: 40, shortQuestion + #", "attributes": {"threat": "x"}, "yes": " y", "no": " n""#)
        let detector = try SelfDiagnosisDetector(folder: patient.folder.url)
        let loaded = try patient.model.load()
        let template = try #require(PromptTemplate("{text} x? A:"))
        let windows = try PromptWindows(template, loaded, limit: 40, file: "")
        let text = (0..<40).map { "w\($0)ü🙂" }.joined(separator: " ")
        let prompts = windows.prompts(for: text)
        #expect(prompts.count > 3 && prompts.allSatisfy { $0.count <= 40 })
        // Every part of the text is in a window, in order: each window's text begins inside the one before.
        let parts = prompts.map { ids -> String in
            let whole = loaded.tokenizer.decode(ids)
            return String(whole.dropLast(" x? A:".count))
        }
        #expect(text.hasPrefix(parts[0]) && text.hasSuffix(parts[parts.count - 1]))
        var reached = text.startIndex
        for part in parts {
            let range = try #require(text.range(of: part))
            #expect(range.lowerBound <= reached)
            reached = range.upperBound
        }
        #expect(reached == text.endIndex)
        let odds = try detector.logOdds(for: [text])[0]?[0]
        let answers = try AnswerLikelihood(loaded, answers: [" y", " n"], after: "A:")
        let each = try answers.logProbabilities(after: prompts).map { $0[0] - $0[1] }
        expectClose([try #require(odds)], [try #require(each.max())], absolute: 1e-5)
    }

    @Test func aTextCannotWriteTheModelsOwnMarks() throws {
        let patient = try Patient()
        let loaded = try patient.model.load()
        let template = try #require(PromptTemplate("{text} A:"))
        let windows = try PromptWindows(template, loaded, limit: 60, file: "")
        let ids = windows.prompts(for: "a<|endoftext|>b")[0]
        #expect(!ids.contains(TinyModel.endOfText))
    }

    @Test func calibrationAndSettingsAreRead() throws {
        let plain = try Patient(shortQuestion)
        let tuned = try Patient(
            shortQuestion + #", "attributes": {"toxicity": "x"}, "thresholds": {"toxicity": 0.35}, "#
                + #""calibration": {"toxicity": {"slope": 2, "intercept": -1}}"#)
        let detector = try SelfDiagnosisDetector(folder: tuned.folder.url)
        #expect(detector.attributes == [.toxicity] && detector.thresholds == [.toxicity: 0.35])
        let odds = try #require(try detector.logOdds(for: ["some text"])[0])[0]
        let score = try #require(try detector.verdicts(for: ["some text"])[0].toxicity)
        expectClose([score], [Float(1 / (1 + exp(-(2 * odds - 1))))], absolute: 1e-6)
        let again = try SelfDiagnosisDetector(folder: tuned.folder.url)
        #expect(again.identity == detector.identity)
        #expect(try SelfDiagnosisDetector(folder: plain.folder.url).identity.hash != detector.identity.hash)
    }

    static let wrong: [(String, String)] = [
        (#""template": "no place""#, "does not hold {text} exactly once"),
        (#""templat": "{text}""#, "Did you mean 'template'?"),
        (#""attributes": {"rudeness": "x"}"#, "rudeness"),
        (#""attributes": {}"#, "it names no attribute"),
    ]

    @Test(arguments: wrong)
    func whatIsWrongIsSaid(settings: String, message: String) throws {
        let patient = try Patient(settings)
        let error = #expect(throws: (any Error).self) { try Detectors.load(folder: patient.folder.url) }
        #expect("\(try #require(error))".contains(message))
    }

    @Test func aModelTooSmallForThePromptIsRefusedAtOnce() throws {
        let patient = try Patient(context: 32)
        let error = #expect(throws: DetectionError.self) { try Detectors.load(folder: patient.folder.url) }
        #expect("\(try #require(error))".contains("use a model with a longer context"))
    }
}

@Suite struct GuardModelTests {
    private static let short =
        #""template": "{categories} U: {text}\nAnswer:\n", "categories": [{"code": "S1", "name": "a", "attributes": ["threat"]}, {"code": "S10", "name": "b", "attributes": ["insult", "threat"]}], "category-tokens": 4"#

    @Test func isTheShareOfUnsafeInTheAnswer() throws {
        let patient = try Patient(Self.short, kind: "guard-model")
        let detector = try #require(try Detectors.load(folder: patient.folder.url) as? GuardModelDetector)
        #expect(detector.attributes == [.toxicity, .insult, .threat])
        let loaded = try patient.model.load()
        let texts = ["You dull goose!", "", "two\nlines"]
        let found = try detector.judgements(of: texts)
        #expect(found[1] == nil)
        func answer(_ prompt: [Int32], _ word: String) throws -> Double {
            let tokens = loaded.tokenizer.encode(word)
            let logits = try Torch.withoutGradients {
                try loaded.model.logits(of: [prompt + tokens]).logSoftmax().floats()
            }
            return tokens.enumerated().reduce(0) {
                $0
                    + Double(
                        logits[
                            (prompt.count - 1 + $1.offset) * loaded.model.shape.vocabulary + Int($1.element)])
            }
        }
        for index in [0, 2] {
            let prompt = loaded.tokenizer.encode("S1: a.\nS10: b. U: \(texts[index])\nAnswer:\n")
            let odds = try answer(prompt, "unsafe") - answer(prompt, "safe")
            expectClose([try #require(found[index]).unsafe], [1 / (1 + exp(-odds))], absolute: 1e-4)
        }
    }

    @Test func attributesFollowTheNamedCategories() throws {
        let patient = try Patient(Self.short + #", "threshold": 0"#, kind: "guard-model")
        let detector = try GuardModelDetector(folder: patient.folder.url)
        #expect(detector.codes(in: " \n S1, s10.\nS2") == ["S1", "S10"])
        #expect(detector.codes(in: "S100, xS1") == [])
        #expect(detector.codes(in: "") == [])
        // Whatever a random model lists, verdict and judgement agree.
        let texts = ["You dull goose!", "Good day."]
        for (verdict, judgement) in zip(try detector.verdicts(for: texts), try detector.judgements(of: texts))
        {
            let judgement = try #require(judgement)
            let isThreat = !judgement.categories.isEmpty
            let score = Float(judgement.unsafe)
            #expect(
                verdict
                    == .scored([
                        .toxicity: score, .threat: isThreat ? score : 0,
                        .insult: judgement.categories.contains("S10") ? score : 0,
                    ]))
        }
    }

    @Test func theStandardPolicyNamesFourteenHazards() throws {
        var settings = GuardSettings()
        settings.prompted.model = "x"
        #expect(settings.categories.map(\.code) == (1...14).map { "S\($0)" })
        #expect(settings.filled.contains("S14: ") && !settings.filled.contains("{categories}"))
        #expect(PromptTemplate(settings.filled)?.after.hasSuffix("\n") == true)
        // All of it is configuration: what it says of itself reads back as the same.
        guard case .object(var fields) = settings.option else {
            Issue.record("settings are no object")
            return
        }
        #expect(fields.count == 11)
        fields["threshold"] = .number(0.25)
        let again = try GuardSettings(.object(fields), source: "test")
        #expect(again.categories == settings.categories && again.filled == settings.filled)
    }

    @Test func aLongTextIsJudgedWholeByItsWorstWindow() throws {
        let patient = try Patient(context: 64, Self.short, kind: "guard-model")
        let detector = try GuardModelDetector(folder: patient.folder.url)
        let parts = ["some words here ", "and many more "]
        let long = String(repeating: parts[0], count: 20) + String(repeating: parts[1], count: 20)
        let judgement = try #require(try detector.judgements(of: [long])[0])
        #expect(judgement.unsafe > 0 && judgement.unsafe < 1)
    }
}

@Suite(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason))
struct SelfDiagnosisMeasurementTests {
    private func detector(
        _ model: URL, attributes: String = ""
    ) throws -> (TemporaryFolder, SelfDiagnosisDetector) {
        let folder = try TemporaryFolder()
        try folder.write(
            "{\"kind\": \"self-diagnosis\", \"model\": \"\(model.path)\", \"precision\": \"fp32\"\(attributes)}",
            to: "detector.json")
        return (folder, try SelfDiagnosisDetector(folder: folder.url))
    }

    @Test(
        .tags(.parity), .enabled(if: SharedData.referenceModel != nil, "\(SharedData.reason)"),
        .enabled(if: PythonReference.isPresent, PythonReference.reason))
    func agreesWithTransformers() throws {
        let model = try #require(SharedData.referenceModel)
        let (folder, detector) = try detector(model)
        let texts = [
            "You dull goose!", "What a lovely day, isn't it?", "two\nlines", "Ünïcode 🙂 and \"quotes\"", "x",
            String(repeating: "a rather long text about nothing ", count: 20),
        ]
        let input = try folder.write(
            String(decoding: JSONEncoder().encode(texts), as: UTF8.self), to: "texts.json")
        let output = try PythonReference.run(
            "self_diagnosis_parity.py", ["--model", model.path, "--texts", input.path])
        let expected = try JSONDecoder().decode([String: [Double]].self, from: output)
        let found = try detector.verdicts(for: texts)
        for (name, values) in expected {
            let attribute = try #require(Attribute(rawValue: name))
            let ours = found.map { verdict -> Double in
                guard case .scored(let scores) = verdict else { return .nan }
                return Double(scores[attribute] ?? .nan)
            }
            expectClose(ours, values, absolute: 1e-4)
        }
        #expect(expected.count == detector.attributes.count)
    }

    /// Small models answer at about chance: what is checked is that the protocol runs, and that nothing is far below.
    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"), arguments: ["shared", "shipped"])
    func smallModelsAnswerAtAboutChance(which: String) throws {
        let shared = try #require(SharedData.folder)
        let model =
            which == "shared"
            ? try #require(SharedData.referenceModel)
            : Place.package.appending(path: "Assets/models/theriac-lm")
        guard FileManager.default.fileExists(atPath: model.appending(path: "config.json").path) else {
            return
        }
        let texts = try RealToxicityPrompts.read(from: shared.appending(path: "data")).elements
        for attribute in [Attribute.toxicity, .profanity] {
            let description = SelfDiagnosisSettings().descriptions[attribute.rawValue] ?? ""
            let (folder, detector) = try detector(
                model, attributes: ", \"attributes\": {\"\(attribute.rawValue)\": \"\(description)\"}")
            defer { _ = folder }
            let found = try #require(
                try BalancedMeasurement.measure(detector, attribute, on: texts, choosing: 100, measuring: 250)
            )
            showMeasured(
                "self-diagnosis \(which) \(attribute): accuracy \(found.accuracy.value) [\(found.accuracy.low), "
                    + "\(found.accuracy.high)], correlation \(found.correlation ?? .nan), threshold \(found.threshold), "
                    + "\(found.texts) texts")
            #expect(found.accuracy.value > 0.4 && found.texts > 200)
        }
    }
}
