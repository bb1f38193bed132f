import Foundation
import Testing
import TheriacOptions
import TheriacTesting

@testable import TheriacModels

@Suite struct RotaryFrequenciesTests {
    private func settings(_ text: String, theta: Double = 10_000) throws -> RotarySettings {
        var fields = try OptionFields(
            OptionValue(json: Data(text.utf8), source: "test"), path: "", source: "test")
        return try RotarySettings(&fields, theta: theta)
    }

    private func frequencies(_ text: String, width: Int = 8, context: Int = 64) throws -> RotaryFrequencies {
        try RotaryFrequencies(settings(text), width: width, context: context)
    }

    private let plain: [Float] = [1, 0.1, 0.01, 0.001]  // 10,000 ^ (−2i / 8)

    @Test func plainOnesFallByPowers() throws {
        let found = try frequencies("{}")
        expectClose(found.perPlace, plain)
        #expect(found.magnitude == 1)
        #expect(found.context == 64)
        #expect(found.long == nil)
    }

    @Test func linearDividesAllAndStretchesTheContext() throws {
        let found = try frequencies(#"{"rope_scaling": {"type": "linear", "factor": 4}}"#)
        expectClose(found.perPlace, plain.map { $0 / 4 })
        #expect(found.context == 256)
    }

    @Test func dynamicIsPlainWithinItsContext() throws {
        let found = try frequencies(#"{"rope_parameters": {"rope_type": "dynamic", "factor": 4}}"#)
        expectClose(found.perPlace, plain)
        #expect(found.context == 64)
    }

    /// Waves of 6.3, 63, 630 and 6,300 places; those below 100 stay, those above 1000 are stretched by 8, and at 628.3
    /// the share that stays is (1000 / 628.3 − 1) / (10 − 1) = 0.0657.
    @Test func llama3StretchesLongWaves() throws {
        let found = try frequencies(
            """
            {"rope_parameters": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 10,
            "original_max_position_embeddings": 1000}}
            """, context: 8000)
        let share = (1000 / (2 * Float.pi * 100) - 1) / 9
        expectClose(found.perPlace, [1, 0.1, 0.01 * ((1 - share) / 8 + share), 0.001 / 8])
    }

    /// In 1000 places, pair i turns 1000 · 10^−i / 2π = 159, 15.9, 1.59 and 0.159 times; 32 turns are at pair 0.697 and
    /// one turn at 2.2, so that the ramp goes from 0 to 3 when it is cut to whole pairs.
    @Test func yarnStretchesPairsThatTurnSeldom() throws {
        let text = """
            {"rope_parameters": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 1000
            """
        let found = try frequencies(text + "}}", context: 1000)
        let kept: [Float] = [1, 2.0 / 3, 1.0 / 3, 0]
        expectClose(
            found.perPlace, zip(plain, kept).map { $0 * ($1 + (1 - $1) / 4) }, absolute: 0, relative: 1e-5)
        expectClose(Double(found.magnitude), 0.1 * log(4) + 1, absolute: 1e-6)
        #expect(found.context == 4000)
        let scaled = try frequencies(text + #", "mscale": 1, "mscale_all_dim": 1}}"#, context: 1000)
        #expect(scaled.magnitude == 1)
        let given = try frequencies(text + #", "attention_factor": 0.5, "mscale": 2}}"#, context: 1000)
        #expect(given.magnitude == 0.5)
    }

    @Test func longropeHasFactorsByPair() throws {
        let found = try frequencies(
            """
            {"original_max_position_embeddings": 16, "rope_parameters": {"rope_type": "longrope",
            "short_factor": [1, 2, 3, 4], "long_factor": [2, 4, 8, 16]}}
            """)
        expectClose(found.perPlace, [1, 0.05, 0.01 / 3, 0.00025])
        expectClose(try #require(found.long).perPlace, [0.5, 0.025, 0.00125, 0.0000625])
        #expect(found.long?.beyond == 16)
        // √(1 + ln(64 / 16) / ln 16) = √1.5
        expectClose(Double(found.magnitude), 1.5.squareRoot(), absolute: 1e-6)
    }

    @Test func bothSpellingsAndBothLayersAreRead() throws {
        let old = try settings(
            #"{"rope_theta": 500, "rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": null}"#)
        let new = try settings(
            #"{"rope_parameters": {"rope_type": "linear", "rope_theta": 500, "factor": 2}, "rope_scaling": null}"#
        )
        #expect(old == new)
        #expect(old.theta == 500)
        var fields = try OptionFields(
            OptionValue(
                json: Data(
                    #"{"rope_parameters": {"full_attention": {"rope_theta": 7}, "sliding_attention": {"rope_theta": 5}}}"#
                        .utf8), source: "test"), path: "", source: "test")
        #expect(try RotarySettings(&fields, theta: 1).theta == 7)
        #expect(try RotarySettings(&fields, theta: 1, layerType: "sliding_attention").theta == 5)
    }

    @Test func refusesFieldsItDoesNotKnow() throws {
        #expect(throws: OptionsError.self) {
            try settings(#"{"rope_scaling": {"type": "linear", "factor": 2, "alpha": 1000}}"#)
        }
    }
}
