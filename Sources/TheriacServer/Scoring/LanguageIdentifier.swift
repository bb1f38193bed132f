internal import CTheriacLanguage
internal import Foundation

/// Names the languages of a text, with CLD2.
enum LanguageIdentifier {
    /// Codes such as `en`, `zh`, `zh-Hant`, most likely first; none when there is nothing to go by. Short texts often
    /// mislead it, as they did the original.
    static func languages(of text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                withUnsafeTemporaryAllocation(of: theriac_language.self, capacity: 3) { found in
                    guard let base = characters.baseAddress, let places = found.baseAddress else { return [] }
                    found.initialize(repeating: theriac_language())
                    let count = theriac_detect_languages(base, characters.count, places)
                    return found.prefix(Int(count)).compactMap { $0.code.map { String(cString: $0) } }
                }
            }
        }
    }
}
