import Foundation
import Testing
import TheriacTesting

@Suite struct PolicyCommandTests {
    /// Its texts are scored by a transformer, which an unoptimised build takes long to load.
    @Test(.tags(.slow), .enabled(if: SlowTests.areOn, SlowTests.reason))
    func theExampleKeepsItsPromises() throws {
        let result = try Program.run(["policy", "test", "Examples/policy.yaml"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.errors.hasSuffix("12 of 12 tests passed.\n"))
        let shown = try Program.run(["policy", "show", "Examples/policy.yaml"])
        #expect(shown.status == 0 && shown.output.contains("answer with a safe reply ('another-topic')"))
    }

    @Test func aFailedTestFails() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            input: [{ attribute: toxicity, from: 0.5, action: flag }]
            tests:
              - { name: one, stage: input, scores: { toxicity: 0.6 }, expect: refuse }
              - { name: two, stage: input, scores: { toxicity: 0.4 }, expect: pass }
            """, to: "policy.yaml")
        let result = try Program.run(["policy", "test", file.path])
        #expect(result.status == 1)
        #expect(result.output.contains("FAILED  one") && result.output.contains("ok      two"))
        #expect(result.errors.contains("FAILED one: expected refuse, found flag\n"))
        let json = try Program.run(["policy", "test", file.path, "--json"])
        #expect(json.output.split(separator: "\n").count == 2 && json.output.contains("\"found\":\"flag\""))
    }

    @Test func aFileWithoutTestsFailsAndAWrongOneSaysWhere() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("input: []", to: "empty.yaml")
        #expect(try Program.run(["policy", "test", empty.path]).status == 1)
        let wrong = try folder.write(
            "input: [{ attribute: toxicity, from: 2, action: flag }]", to: "wrong.yaml")
        let result = try Program.run(["policy", "show", wrong.path])
        #expect(
            result.status == 1 && result.errors.contains("input[0].from is 2.0; it must be in 0.0...1.0."))
    }
}
