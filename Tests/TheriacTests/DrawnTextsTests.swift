import Testing
import TheriacGeneration

@testable import Theriac

@Suite struct DrawnTextsTests {
    private func warning(_ texts: [String], samples: Int = 2, greedy: Bool = false) -> String? {
        var settings = GenerationSettings()
        settings.samples = samples
        settings.sampling.isGreedy = greedy
        let continuations = texts.enumerated().map { place, text in
            Continuation(
                promptID: "p\(place / samples)", sample: place % samples, text: text, finish: .length)
        }
        return DrawnTexts.warning(of: continuations, settings)
    }

    @Test func oneTextForAllSamplesOfEveryPromptIsWarnedOf() {
        #expect(warning(["a", "a", "b", "b"]) != nil)
        #expect(warning(["a", "a", "b", "c"]) == nil)
        #expect(warning(["a", "b"], samples: 1) == nil)
        #expect(warning(["a", "a"], greedy: true) == nil)
        #expect(warning([]) == nil)
    }
}
