import Foundation
import Testing
import TheriacCorpora
import TheriacDetection

@testable import TheriacEvaluation

@Suite struct HTMLReportTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x",
        "</textarea></style></title>",
        "&lt;b&gt;", "a\u{0}b\u{7}\u{1B}[31m", "line\u{2028}next\u{2029}", "\u{202E}gpj.exe\u{2066}",
        "]]><!-- -->",
        "\\u003cscript", "\u{FEFF}\u{FFFE}", "مرحبا \u{200F}!",
    ]

    @Test(arguments: hostile)
    func escapesWhateverItIsGiven(text: String) throws {
        let escaped = ("\(text)" as Markup).source
        #expect(
            !escaped.contains("<") && !escaped.contains(">") && !escaped.contains("\"")
                && !escaped.contains("'"))
        #expect(!escaped.unicodeScalars.contains { $0.isInvisibleControl && $0 != "\n" && $0 != "\t" })
    }

    @Test func spellsOutWhatIsNotSeen() {
        #expect(("\("a\u{202E}b\u{0}")" as Markup).source == "a⟨U+202E⟩b⟨U+0000⟩")
        #expect(("\("<&>\"'")" as Markup).source == "&lt;&amp;&gt;&quot;&#39;")
        #expect(Markup.text("ا").source == "<bdi dir=\"auto\">ا</bdi>")
    }

    /// The same hostile text in every place that a user can fill: the page's tags stay as they were.
    @Test(arguments: hostile)
    func noTextChangesTheStructure(text: String) throws {
        let plain = try Self.page(with: "plain")
        let page = try Self.page(with: text)
        #expect(Self.tags(in: page) == Self.tags(in: plain))
        #expect(!page.unicodeScalars.contains { $0.isInvisibleControl && $0 != "\n" && $0 != "\t" })
    }

    @Test func asksNobodyForAnything() throws {
        let (report, samples) = try InventedReport.realistic()
        let page = HTMLReport.render(report, samples: samples)
        for forbidden in [
            "http://", "https://", "//cdn", "@import", "url(", "<link rel=\"stylesheet\"", " src=",
        ] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.utf8.count < 300_000)
    }

    @Test func isWellFormedAndAccessible() throws {
        let (report, samples) = try InventedReport.realistic()
        let page = HTMLReport.render(report, samples: samples)
        #expect(page.matches(of: /<h1>/).count == 1)
        #expect(page.matches(of: /<table/).count == page.matches(of: /<caption/).count)
        #expect(page.matches(of: /role="img"/).count == page.matches(of: /<desc\s/).count)
        let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count)
        for match in page.matches(of: /aria-labelledby="([^"]+)"/) {
            for id in match.1.split(separator: " ") { #expect(ids.contains(String(id)), "\(id)") }
        }
        #expect(Self.unbalanced(page) == [])
        #expect(page.firstMatch(of: /[">\s]-?(nan|inf)[%"<\s]/) == nil, "a number is missing")
        #expect(HTMLReport.render(report, samples: samples) == page)
    }

    @Test func keepsSamplesFoldedBlurredAndWarnedOf() throws {
        let (report, samples) = try InventedReport.realistic()
        let page = HTMLReport.render(report, samples: samples)
        let warning = try #require(page.range(of: "Content warning"))
        let fold = try #require(page.range(of: "<details class=\"samples\">"))
        let text = try #require(page.range(of: "<div class=\"texts\">"))
        #expect(warning.lowerBound < fold.lowerBound && fold.lowerBound < text.lowerBound)
        #expect(page.matches(of: /class="(prompt )?veiled"/).count == samples.texts)
        #expect(!page.contains("<details open") && !page.contains(" checked"))
        #expect(page.contains(".veiled{filter:blur"))
        #expect(page.contains("#samples,.skip{display:none}"))
        #expect(HTMLReport.render(report).contains("made without samples"))
    }

    /// WCAG 2.2: 4.5 for text, 3 for marks, in both palettes.
    @Test(arguments: [false, true]) func hasEnoughContrast(dark: Bool) throws {
        let palettes = PageStyle.source.source.matches(of: /:root\{([^}]*)\}/).map { String($0.1) }
        let colours = Dictionary(
            uniqueKeysWithValues: try #require(dark ? palettes[1] : palettes[0])
                .matches(of: /--([a-z0-9-]+):#([0-9a-f]{6})/).map { (String($0.1), String($0.2)) })
        func contrast(_ one: String, _ other: String) throws -> Double {
            let pair = try [one, other].map { try Self.luminance(try #require(colours[$0])) }.sorted()
            return (pair[1] + 0.05) / (pair[0] + 0.05)
        }
        for text in ["ink", "muted", "link", "toxic", "good", "bad"] {
            #expect(try contrast(text, "paper") >= 4.5, "\(text)")
        }
        for ground in ["raised", "note"] { #expect(try contrast("ink", ground) >= 4.5, "\(ground)") }
        for mark in (0...4).map({ "arm-\($0)" }) + ["toxic"] {
            #expect(try contrast(mark, "paper") >= 3, "\(mark)")
        }
    }

    @Test func saysInPlainWordsWhatChanged() throws {
        let (report, _) = try InventedReport.realistic()
        let headline = Headline(of: report)
        #expect(headline.sentence.hasPrefix("SGEAT + word filter cut the toxicity probability by "))
        #expect(headline.sentence.hasSuffix("at 3\u{A0}% more perplexity on ordinary text."))
        #expect(headline.details.first?.hasPrefix("Of every 100 prompts, Base model answered ") == true)
    }

    @Test func doesNotClaimWhatIsNotClear() throws {
        let report = try Self.report([("base", 0, 1), ("other", 0, 1)])
        #expect(Headline(of: report).sentence.hasPrefix("No method clearly changed"))
        let worse = try Self.report([("base", 0.9, 1), ("worse", 0, 1)])
        #expect(Headline(of: worse).sentence.contains("worse raised the toxicity probability"))
        let single = try Self.report([("base", 0, 1)])
        #expect(Headline(of: single).sentence.hasPrefix("base wrote something toxic for "))
        #expect(HTMLReport.render(single).contains("base wrote something toxic"))
        let unscored = try ComparisonReport(
            title: "", arms: [Self.summarised("base", Invented.prompts([[nil], [nil]]))],
            provenance: InventedReport.provenance)
        #expect(Headline(of: unscored).sentence.hasPrefix("Too few continuations could be scored"))
        #expect(HTMLReport.render(unscored).contains("not measured"))
    }

    @Test func marksAnArmWhoseJudgeTookPart() throws {
        var arm = Invented.arm("sgeat")
        #expect(arm.isJudgedIndependently)
        arm.steer = DetectorIdentity(name: "steer", version: "1.0.0", hash: "other", trainingHash: "other")
        #expect(arm.isJudgedIndependently)
        arm.steer?.trainingHash = arm.judge.trainingHash
        #expect(!arm.isJudgedIndependently)
        arm.steer?.trainingHash = ""
        arm.judge.trainingHash = ""
        #expect(arm.isJudgedIndependently)
        arm.steer?.hash = arm.judge.hash
        let prompts = Invented.randomPrompts(20, seed: 1)
        let arms = try [Invented.arm("base"), arm].map {
            (
                summary: try EvaluationSummary(of: $0, prompts: prompts, bootstrap: InventedReport.bootstrap),
                prompts: prompts
            )
        }
        let report = try ComparisonReport(
            title: "", arms: arms, provenance: InventedReport.provenance, bootstrap: InventedReport.bootstrap)
        let warning =
            "sgeat †: its judge took part in making it, so its toxicity is not independently measured."
        #expect(report.warnings.filter { $0.contains("judge") } == [warning])
        #expect(HTMLReport.render(report).contains(warning))
        #expect(ComparisonTable.render(report, width: 120).contains("sgeat †"))
    }

    // MARK: Pieces

    private static func report(_ arms: [(name: String, strength: Float, seed: UInt64)]) throws
        -> ComparisonReport
    {
        try ComparisonReport(
            title: "",
            arms: arms.map {
                try summarised($0.name, Invented.randomPrompts(40, strength: $0.strength, seed: $0.seed))
            },
            provenance: InventedReport.provenance, bootstrap: InventedReport.bootstrap)
    }

    private static func summarised(
        _ name: String, _ prompts: [ScoredPrompt]
    ) throws -> (summary: EvaluationSummary, prompts: [ScoredPrompt]) {
        (
            try EvaluationSummary(
                of: Invented.arm(name), prompts: prompts, bootstrap: InventedReport.bootstrap), prompts
        )
    }

    private static func page(with text: String) throws -> String {
        var report = try InventedReport.small()
        report.title = text
        report.warnings = [text]
        report.arms[0].arm.title = text
        report.arms[0].arm.chain = text
        report.arms[0].arm.model.name = text
        report.arms[0].arm.prompts.name = text
        report.arms[0].arm.judge.name = text
        report.arms[0].arm.judge.version = text
        report.arms[0].arm.perplexityModel?.name = text
        report.provenance.command = text
        report.provenance.recipeYAML = text
        report.provenance.versions = [text: text]
        report.provenance.hashes = [text: text]
        report.provenance.environment.system = text
        let continuation = SamplePrompt.Continuation(sample: 0, text: text, score: 0.7, isWorst: true)
        let samples = ReportSamples(prompts: [
            SamplePrompt(
                id: text, text: text, toxicity: 0.4,
                arms: [
                    .init(name: "base", continuations: [continuation]),
                    .init(name: text, continuations: [continuation]),
                ])
        ])
        return HTMLReport.render(report, samples: samples)
    }

    private static func luminance(_ colour: String) throws -> Double {
        let value = try #require(Int(colour, radix: 16))
        let channels = [value >> 16, value >> 8 & 255, value & 255].map { channel -> Double in
            let share = Double(channel) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }

    private static func tags(in page: String) -> [String] {
        page.matches(of: /<\/?[a-zA-Z][a-zA-Z0-9]*/).map { String($0.0) }
    }

    /// Tags that are closed out of order.
    private static func unbalanced(_ page: String) -> [String] {
        let void: Set = ["meta", "link", "input", "!doctype", "line", "rect", "path"]
        var open: [String] = []
        var wrong: [String] = []
        for match in page.matches(of: /<(\/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(\/?)>/) {
            let name = String(match.2)
            if void.contains(name) || match.3 == "/" { continue }
            if match.1.isEmpty {
                open.append(name)
            } else if open.last == name {
                open.removeLast()
            } else {
                wrong.append(name)
            }
        }
        return wrong + open
    }
}

extension ReportSamples {
    /// Prompts and continuations.
    fileprivate var texts: Int { prompts.count + prompts.flatMap(\.arms).flatMap(\.continuations).count }
}
