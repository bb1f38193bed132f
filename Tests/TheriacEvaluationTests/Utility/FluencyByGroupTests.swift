import Foundation
import Testing
import TheriacDetection
import TheriacTesting

@testable import TheriacEvaluation

@Suite struct FluencyByGroupTests {
    private let identity = ContentIdentity(name: "invented", hash: "00")

    private func values(_ sums: [Double], tokens: Int = 4) -> [TextLikelihood] {
        sums.map { TextLikelihood(sum: $0, tokens: tokens) }
    }

    @Test func ratiosAreOfPerplexitiesOnTheSameTexts() throws {
        let found = try FluencyByGroup(
            texts: identity, grouping: "", groups: [["a"], [], ["a", "b"], []],
            untreated: values([8, 8, 4, 12]), treated: [("t", values([10, 8, 6, 12]))])
        #expect(found.rows.map(\.group) == ["all", "none", "a", "b"])
        #expect(found.rows.map(\.texts) == [4, 2, 2, 1] && found.rows.map(\.tokens) == [16, 8, 8, 4])
        expectClose(found.rows.map(\.untreated), [2, 2.5, 1.5, 1].map { exp($0) }, absolute: 1e-9)
        expectClose(
            found.rows.map { $0.ratios[0].value }, [0.25, 0, 0.5, 0.5].map { exp($0) }, absolute: 1e-9)
        expectClose(found.rows[2].excess[0].value, exp(0.5), absolute: 1e-9)
        #expect(found.rows[1].excess.isEmpty && found.rows[3].isSmall)
    }

    /// A treatment that costs the same on every text has an interval without width, whatever is drawn.
    @Test func anEvenCostHasNoExcess() throws {
        let groups = (0..<60).map { $0.isMultiple(of: 3) ? ["a"] : [] }
        let before = (0..<60).map { Double($0 % 7) + 3 }
        let found = try FluencyByGroup(
            texts: identity, grouping: "", groups: groups, untreated: values(before),
            treated: [
                ("even", values(before.map { $0 + 0.4 })),
                ("uneven", values(zip(before, groups).map { $0 + ($1.isEmpty ? 0.4 : 0.8) })),
            ])
        let row = try #require(found.rows.first { $0.group == "a" })
        expectClose([row.excess[0].low, row.excess[0].value, row.excess[0].high], [1, 1, 1], absolute: 1e-9)
        expectClose([row.ratios[0].low, row.ratios[0].high], [exp(0.1), exp(0.1)], absolute: 1e-9)
        #expect(row.excess[1].low > 1 && !row.isSmall)
    }

    @Test func mismatchesAreRefused() {
        #expect(throws: EvaluationError.self) {
            try FluencyByGroup(
                texts: identity, grouping: "", groups: [[]], untreated: values([1, 2]), treated: [])
        }
        #expect(throws: EvaluationError.self) {
            try FluencyByGroup(
                texts: identity, grouping: "", groups: [[]], untreated: values([.nan]), treated: [])
        }
    }

    @Test func thePageShowsIt() throws {
        var report = try InventedReport.small()
        #expect(!HTMLReport.render(report).contains("group-fluency-title"))
        report.groupFluency = try FluencyByGroup(
            texts: identity, grouping: "as <named>", groups: [["a&b"], []], untreated: values([8, 8]),
            treated: [("sgeat", values([10, 8]))])
        let page = HTMLReport.render(report)
        #expect(
            page.contains("group-fluency-title") && page.contains("a&amp;b")
                && page.contains("as &lt;named&gt;"))
        #expect(try ComparisonReport(jsonData: report.jsonData()) == report)
    }
}
