/// Web and mail addresses, handles, hashtags and code, none of which is rewritten.
enum Address {
    /// Whether the token is one, or holds one.
    static func isAddress(_ units: [EvasionUnit]) -> Bool {
        guard let first = units.first else { return false }
        if first.byte == UInt8(ascii: "#") { return true }
        guard units.contains(where: { marks[Int($0.byte)] }) else { return false }
        let text = String(decoding: units.map { max($0.byte, 0x20) }, as: UTF8.self)
        if first.byte == UInt8(ascii: "@") {
            // @ss is no handle: nobody is called by two letters s.
            return !text.hasPrefix("@ss") && !text.hasPrefix("@r")
        }
        if text.contains("://") || text.hasPrefix("www.") || text.contains("::") || text.contains("()") {
            return true
        }
        if units.contains(where: { "=\\{}`;".utf8.contains($0.byte) }) && !isEnding(units) { return true }
        return isMail(text) || isDomain(text)
    }

    /// A semicolon at the end is punctuation.
    private static func isEnding(_ units: [EvasionUnit]) -> Bool {
        let places = units.indices.filter { "=\\{}`;".utf8.contains(units[$0].byte) }
        return places.allSatisfy { $0 == units.count - 1 }
    }

    /// What every address and all code has one of.
    private static let marks = EvasionUnit.table("@:./\\={}`;(")

    private static func isMail(_ text: String) -> Bool {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, let name = sides.first, let host = sides.last, !name.isEmpty else {
            return false
        }
        return host.split(separator: ".").count >= 2
    }

    private static let domains: Set<Substring> = [
        "com", "net", "org", "edu", "gov", "io", "uk", "de", "fr", "ru", "info", "tv", "nl", "ca", "au", "us",
        "eu",
        "html", "htm", "php", "exe", "jpg", "png", "pdf", "txt", "js", "py",
    ]

    private static func isDomain(_ text: String) -> Bool {
        let host = text.prefix { $0 != "/" && $0 != "?" && $0 != ":" && $0 != "," && $0 != ")" }
        let labels = host.split(separator: ".")
        guard labels.count >= 2, let last = labels.last, domains.contains(last) else { return false }
        return labels[labels.count - 2].utf8.count >= 2
    }
}
