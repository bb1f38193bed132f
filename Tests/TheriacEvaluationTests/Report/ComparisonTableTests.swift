import Testing
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct ComparisonTableTests {
    @Test(arguments: [32, 39, 40, 60, 80, 100, 132, 200])
    func fitsTheTerminal(width: Int) throws {
        let table = ComparisonTable.render(try InventedReport.small(), width: width)
        for line in table.split(separator: "\n") {
            // A single column of numbers and its arm's name is the least that a block can hold.
            #expect(line.count <= width, "\(line)")
            #expect(line.last != " ")
        }
        for word in ["base", "sgeat", "probability ↓", "Distinct-2 ↑", "Tokens", "Warning:", "Judge:"] {
            #expect(table.contains(word), "\(word)")
        }
    }

    @Test func showsValueIntervalAndChange() throws {
        let report = try InventedReport.small()
        let table = ComparisonTable.render(report, width: 132)
        let metric = ToxicityProbability()
        let value = try #require(report.arms[1].value(metric.name))
        #expect(table.contains(NumberFormat.value(value.value, of: metric)))
        #expect(table.contains(NumberFormat.interval(value, of: metric)))
        let change = try #require(report.difference(of: "sgeat")?.value(metric.name))
        #expect(table.contains(NumberFormat.change(change.difference.value, of: metric)))
        #expect(table.contains("40 prompts, 5 continuations each; 95 % intervals"))
    }

    @Test func saysWhenNothingClearlyChanged() throws {
        let prompts = Invented.randomPrompts(20, seed: 2)
        let arms = try ["base", "same"].map {
            (
                summary: try EvaluationSummary(
                    of: Invented.arm($0), prompts: prompts, bootstrap: InventedReport.bootstrap),
                prompts: prompts
            )
        }
        let report = try ComparisonReport(
            title: "", arms: arms, provenance: InventedReport.provenance, bootstrap: InventedReport.bootstrap)
        #expect(ComparisonTable.render(report, width: 100).contains("≈ baseline"))
    }

    @Test func doesNotLetANameActOnTheTerminal() throws {
        var report = try InventedReport.small()
        report.arms[0].arm.title = "\u{1B}[31mred\u{202E}\u{2028}"
        let table = ComparisonTable.render(report, width: 100)
        #expect(table.contains("\u{FFFD}[31mred\u{FFFD}\u{FFFD}"))
        #expect(!table.unicodeScalars.contains { $0.isInvisibleControl && $0 != "\n" })
    }

    @Test(arguments: [
        (0.42, "−58\u{A0}%"), (1.004, "0\u{A0}%"), (1.1, "+10\u{A0}%"), (1, "0\u{A0}%"),
    ]) func writesRelativeChanges(ratio: Double, expected: String) {
        #expect(NumberFormat.percentChange(ofRatio: ratio) == expected)
    }

    @Test func writesNumbers() {
        #expect(NumberFormat.decimals(-0.0001, 3) == "0.000")
        #expect(NumberFormat.decimals(-0.25, 2) == "−0.25")
        #expect(NumberFormat.change(0.25, of: ToxicFraction()) == "+0.250")
        #expect(NumberFormat.change(0.0001, of: ToxicFraction()) == "0.000")
        #expect(NumberFormat.count(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(NumberFormat.count(-12) == "−12")
        #expect(NumberFormat.bytes(412_000_000) == "412\u{A0}MB")
        #expect(NumberFormat.bytes(1_250_000_000) == "1.3\u{A0}GB")
        #expect(NumberFormat.duration(64) == "64\u{A0}s")
        #expect(NumberFormat.duration(660) == "11\u{A0}min")
        #expect(NumberFormat.duration(9000) == "2.5\u{A0}h")
    }
}
