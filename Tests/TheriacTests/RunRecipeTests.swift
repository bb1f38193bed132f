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

    @Test func anArmWearsOneAdapter() throws {
        let recipe = try Self.read(
            "arms: [{name: marked, adapter: control-token, decoding: [control-token]}]")
        #expect(recipe.arms[0].adapter == "control-token" && recipe.arms[0].training == nil)
        #expect(try RunRecipe(recipe.option, path: "", source: "resolved") == recipe)
        #expect {
            try Self.read("arms: [{name: both, training: sgeat, adapter: control-token}]")
        } throws: {
            "\($0)".contains("arms") && "\($0)".hasSuffix("name one of the two.")
        }
        #expect {
            try Self.read("model: 'http://127.0.0.1:1/v1#m'\narms: [{name: worn, adapter: a}]")
        } throws: {
            "\($0)".contains("training, adapters and decoding methods need the model's weights")
        }
        let grid = try Self.read("grid: [{method: word-filter, adapter: x, vary: {words: [a.txt, b.txt]}}]")
        #expect(grid.arms.suffix(2).map(\.adapter) == ["x", "x"])
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
