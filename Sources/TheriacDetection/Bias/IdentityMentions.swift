/// A word of ``IdentityTerms`` in a text.
public struct IdentityMention: Sendable, Equatable {
    /// What part of speech the word is, and where in its group's list it stands.
    public enum Form: Sendable, Equatable {
        case one(Int)
        case many(Int)
        case adjective(Int)
        case other
    }

    public var group: String
    public var form: Form
    public var range: Range<String.Index>
}

extension IdentityTerms {
    /// The mentions in `text` from left to right; of several that begin at the same word the longest.
    public static func mentions(in text: String) -> [IdentityMention] {
        let words = words(of: text)
        var mentions: [IdentityMention] = []
        var place = 0
        while place < words.count {
            var length = 0
            for size in (1...longest).reversed() where place + size <= words.count {
                let key = words[place..<(place + size)].map(\.lowered).joined(separator: " ")
                guard let found = index[key] else { continue }
                let range = words[place].range.lowerBound..<words[place + size - 1].range.upperBound
                mentions += found.map { IdentityMention(group: $0.group, form: $0.form, range: range) }
                length = size
                break
            }
            place += max(1, length)
        }
        return mentions
    }

    /// Names of the groups that `text` mentions.
    public static func groups(in text: String) -> Set<String> { Set(mentions(in: text).map(\.group)) }

    struct Word {
        var lowered: String
        var range: Range<String.Index>
    }

    /// Runs of letters, digits and underscores: what stands between regular expressions' `\b`.
    static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var start: String.Index?
        let scalars = text.unicodeScalars
        func close(at end: String.Index) {
            guard let first = start else { return }
            words.append(Word(lowered: text[first..<end].lowercased(), range: first..<end))
            start = nil
        }
        for place in scalars.indices {
            let scalar = scalars[place]
            let isWord =
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_"
                || scalar.properties.generalCategory == .nonspacingMark
            if isWord {
                if start == nil { start = place }
            } else {
                close(at: place)
            }
        }
        close(at: text.endIndex)
        return words
    }

    private typealias Entry = (group: String, form: IdentityMention.Form)

    /// By the lower-cased words, joined by blanks. A word may be noun and adjective; the noun of one person comes first.
    private static let index: [String: [Entry]] = {
        var index: [String: [Entry]] = [:]
        func add(_ term: String, _ group: IdentityGroup, _ form: IdentityMention.Form) {
            let key = words(of: term).map(\.lowered).joined(separator: " ")
            guard !(index[key] ?? []).contains(where: { $0.group == group.name }) else { return }
            index[key, default: []].append((group.name, form))
        }
        for group in all {
            for (place, term) in group.adjectives.enumerated() { add(term, group, .adjective(place)) }
            for (place, person) in group.persons.enumerated() {
                add(person.one, group, .one(place))
                add(person.many, group, .many(place))
            }
            for term in group.others { add(term, group, .other) }
        }
        return index
    }()

    private static let longest = index.keys.map { $0.split(separator: " ").count }.max() ?? 1
}
