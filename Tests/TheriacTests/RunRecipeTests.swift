import Testing
import TheriacOptions

@testable import Theriac

@Suite struct RunRecipeTests {
    static func read(_ yaml: String) throws -> RunRecipe {
        try RunRecipe(OptionValue(yaml: yaml, source: "recipe"), path: "", source: "recipe")
    }

    @Test func anEmptyRecipeIsTheDemonstration() throws {
        #expect(try Self.read("{}") == RunRecipe())
        #expect(RunRecipe().arms.map(\.name) == ["base", "word-filter", "sgeat", "sgeat+word-filter"])
    }

    @Test func aMisspeltKeyIsNamedWithTheNearest() {
        #expect {
            try Self.read("promts: a.jsonl")
        } throws: {
            "\($0)" == "Unknown option 'promts' in the top level. Did you mean 'prompts'?"
        }
    }

    @Test func anArmMayOnlyNameATreatmentThatIsDescribed() {
        #expect {
            try Self.read("arms: [{name: tuned, training: sgaet}]")
        } throws: {
            "\($0)" == "arms.tuned.training is 'sgaet'; it must be one of sgeat. Did you mean 'sgeat'?"
        }
    }

    @Test func anUnknownMethodIsNamedWithTheKnownOnes() {
        #expect {
            try Self.read("arms: [{name: a, decoding: [word-fliter]}]")
        } throws: {
            "\($0)".contains("'word-fliter'") && "\($0)".contains("Did you mean 'word-filter'?")
        }
    }

    @Test func theResolvedRecipeReadsBackEqual() throws {
        let recipe = try Self.read(
            "limit: 7\narms: [{name: a, decoding: [{method: word-filter, words: list.txt}]}]")
        #expect(try RunRecipe(recipe.option, path: "", source: "resolved") == recipe)
    }
}
