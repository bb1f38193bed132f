import TheriacCorpora
import TheriacFiles

/// The attribute labels of every set, by a hash over them: a change of the mapping changes what detectors learn, so it has to
/// be made on purpose.
enum LabelHashes {
    static let expected: [String: String] = [
        "cad": "c7473937083fc0f0",
        "civil-comments-spans": "aec4c8e1dd183581",
        "davidson": "c72a1e49a71e5749",
        "edos": "fd8d12320f1e5408",
        "ethos": "be333d7cef218ada",
        "hatemoji-build": "bde3dcaaa1cf3362",
        "hatemoji-check": "d2e779b6dc4b1990",
        "hatexplain": "126d1febd6e7edeb",
        "jigsaw-sample": "d9cdd48f04540f55",
        "olid": "dbfc7ba0bab243c3",
        "openai-moderation": "06089e4cf02328ee",
        "paradetox": "0cf30d7885e39f01",
        "perspective-scored-wikipedia": "bdd5a2130ef88689",
        "real-toxicity-prompts": "3b54d0200a79dc03",
        "semeval-toxic-spans": "aa5519de227fe88c",
        "stormfront": "654fb4cd63ec46b2",
        "surge": "9add0e2677209c24",
        "toxigen-annotated": "75b2c1d1007c4457",
        "tweeteval-hate": "c5c2618dac2a6be2",
        "wikipedia-context-large": "5f39aa8d34eceb1e",
        "wikipedia-context-small": "f5567443ae14904c",
        "wikipedia-fuzzed": "df07cf7071ede3b1",
    ]

    /// SHA-256 over the sorted lines "id, attribute=label …".
    static func hash(of texts: [LabelledText]) -> String {
        var hasher = SHA256Hasher()
        let lines = texts.map { text in
            let labels = text.labels.map { "\($0.key.rawValue)=\($0.value)" }.sorted().joined(separator: " ")
            return "\(text.id)\t\(labels)\t\(text.split?.rawValue ?? "-")\n"
        }
        for line in lines.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) { hasher.update(line) }
        return String(hasher.finish().prefix(16))
    }
}
