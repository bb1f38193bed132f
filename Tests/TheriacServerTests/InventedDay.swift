import Foundation
import TheriacAudit
import TheriacCorpora
import TheriacDetection
import TheriacTesting

@testable import TheriacServer

/// A made-up day of a server, for looking at the operator's page.
enum InventedDay {
    static let detector = FixedDetector(
        name: "fixed",
        scores: [
            "Nice try 🙂. ": scores(0.08), "You are a clown. ": scores(0.78),
            "<b>Off</b> with you.": scores(0.52),
            "Nice try 🙂. You are a clown. <b>Off</b> with you.": scores(0.61),
        ], otherwise: 0.2)

    private static func scores(_ value: Float) -> AttributeScores {
        let shares: [Attribute: Float] = [
            .toxicity: 1, .insult: 1.08, .severeToxicity: 0.2, .identityAttack: 0.12, .profanity: 0.5,
            .threat: 0.3, .sexuallyExplicit: 0.06,
        ]
        return shares.mapValues { $0 * value }
    }

    static func fill(_ history: TrafficHistory) {
        var random = SplitMix64(seed: 5)
        let routes = ["analyze", "batch", "moderations"].compactMap { name in
            Routes.all.first { $0.name == name }
        }
        let now = Date()
        for minute in 0..<700 {
            let time = now.addingTimeInterval(-60 * Double(minute))
            let wave = 1 + sin(Double(minute) / 60)
            for _ in 0..<Int(6 + 14 * wave) {
                let draw = Double.random(in: 0..<1, using: &random)
                let isBad = minute > 60 && minute < 80 && draw < 0.2
                let code = isBad ? 503 : draw < 0.93 ? 200 : draw < 0.98 ? 400 : 429
                let route = routes[draw < 0.7 ? 0 : draw < 0.9 ? 2 : 1]
                let seconds = 0.0008 * exp(Double.random(in: 0..<2.6, using: &random)) * (isBad ? 40 : 1)
                history.count(route, code: code, after: .seconds(seconds), at: time)
                for attribute in Attribute.allCases {
                    let rare = attribute == .toxicity || attribute == .insult ? 2.0 : 5.0
                    let value = pow(Double.random(in: 0..<1, using: &random), rare)
                    history.observe(attribute, Float(minute > 200 ? value : min(1, value * 1.25)), at: time)
                }
            }
        }
    }

    static func fill(_ store: AuditStore) throws {
        let now = Date()
        let texts = [
            ("You are a clown, and everybody here knows it.", 0.9, "garden-forum"),
            ("I disagree with this article, but thank you for writing it.", 0.05, "town-paper"),
            ("Nobody asked for your opinion.\nGo away.", 0.7, "garden-forum"),
            ("mild <script>alert(1)</script>", 0.4, "x\u{202E}y"),
        ]
        for (place, (text, value, community)) in texts.enumerated() {
            var one = Feedback(
                .suggestion, text: text, suggested: ["TOXICITY": value, "INSULT": value * 0.8],
                time: now.addingTimeInterval(-3600 * Double(place)))
            one.community = community
            one.scores = ["toxicity": 0.41]
            _ = store.addAll([one])
        }
        var flag = Feedback(.flag, text: "An answer that somebody reported.", time: now)
        flag.subject = .output
        flag.reason = "It repeats a stereotype."
        var hidden = Feedback(.suggestion, text: "", suggested: ["THREAT": 0.8], time: now, doNotStore: true)
        hidden.community = "town-paper"
        _ = store.addAll([flag, hidden])
        for (place, action) in ["flag", "refuse", "pass", "resample", "safe-reply"].enumerated() {
            var decision = Decision(
                route: "chat/completions", detector: "fixed@1.2.0", detectorHash: "ab",
                scores: ["toxicity": 0.9 - 0.1 * Double(place), "insult": 0.3], action: action,
                latency: .milliseconds(3), time: now.addingTimeInterval(-90 * Double(place)))
            decision.stage = place % 2 == 0 ? "input" : "output"
            decision.rule = "\(decision.stage ?? "input")[\(place)]"
            decision.community = place == 0 ? "garden-forum" : nil
            store.record(decision)
        }
        let hash = detector.identity.hash
        try store.replaceThresholds([
            CommunityThreshold(
                community: nil, attribute: "toxicity", threshold: 0.62, low: 0.55, high: 0.7,
                goal: "precision 0.9", texts: 410, positives: 97, detector: "fixed@1.2.0", detectorHash: hash),
            CommunityThreshold(
                community: "garden-forum", attribute: "toxicity", threshold: 0.81, low: 0.7, high: 0.88,
                goal: "precision 0.9", texts: 120, positives: 31, detector: "old@1.0.0", detectorHash: "cd"),
        ])
        store.flush()
    }
}
