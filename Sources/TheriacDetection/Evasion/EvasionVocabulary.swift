import Foundation
import TheriacFiles

/// The words that decide whether a spelling is a disguise: rude words, which a disguise hides, and words of general
/// English, which are left alone.
///
/// Words are lower-case a to z. Every question is one look-up of a hash, whatever the size of the lists.
public final class EvasionVocabulary: Sendable {
    /// A word that people disguise.
    struct Target: Sendable {
        var letters: [UInt8]
        /// Rude in every sense, not a word such as `fat` or `kill`: found under any disguise.
        var isStrong: Bool
        /// Place in ``EvasionVocabulary/targets``.
        var rank: Int
    }

    /// SHA-256 over both lists.
    public let hash: String
    /// All words, rude ones among them.
    let known: WordSet
    /// Rude words, those most often disguised first.
    let targets: [Target]
    private let places: [UInt64: Int]
    private let skeletons: [UInt64: [Int]]
    private let anagrams: [UInt64: [Int]]
    private let shortened: [UInt64: [Int]]
    private let starred: [UInt16: [Int]]
    /// All keys of `places`, `skeletons`, `anagrams` and `shortened`: what is not here is in none of them.
    private let keys: WordSet
    /// General English, for attacks that look for a near neighbour.
    let english: [String]

    /// - Parameters:
    ///   - strong: words that are rude in every sense; entries with anything but letters are left out.
    ///   - weak: words that are rude in some.
    ///   - english: words of general English.
    /// - Throws: ``DetectionError/wordList(reason:)`` when there is no rude word.
    public init(strong: [String], weak: [String] = [], english: [String]) throws {
        var places: [UInt64: Int] = [:]
        var targets: [Target] = []
        func add(_ words: [String], isStrong: Bool) {
            for word in words {
                let letters = Array(word.lowercased().utf8)
                guard (2...24).contains(letters.count), letters.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A })
                else {
                    continue
                }
                let hash = WordHash.of(letters)
                guard places[hash] == nil else { continue }
                places[hash] = targets.count
                targets.append(Target(letters: letters, isStrong: isStrong, rank: targets.count))
            }
        }
        add(Self.common, isStrong: true)
        add(strong.filter { !Self.disguises.contains($0) }, isStrong: true)
        add(Self.plurals(of: strong), isStrong: true)
        add(weak.filter { !Self.disguises.contains($0) }, isStrong: false)
        guard !targets.isEmpty else { throw DetectionError.wordList(reason: "it has no word") }
        var known = WordSet(capacity: english.count + targets.count)
        for word in english { known.insert(WordHash.of(Array(word.utf8))) }
        for target in targets { known.insert(WordHash.of(target.letters)) }
        var skeletons: [UInt64: [Int]] = [:]
        var anagrams: [UInt64: [Int]] = [:]
        var shortened: [UInt64: [Int]] = [:]
        var starred: [UInt16: [Int]] = [:]
        for (place, target) in targets.enumerated() where target.letters.count >= 3 {
            let letters = target.letters
            skeletons[WordHash.skeleton(letters), default: []].append(place)
            if letters.count >= 4 {
                anagrams[WordHash.anagram(letters), default: []].append(place)
                starred[Self.starKey(letters[0], letters.count), default: []].append(place)
            }
            if letters.count >= 5 {
                for left in 1..<letters.count {
                    let hash = WordHash.of(letters, without: left)
                    if shortened[hash]?.last != place { shortened[hash, default: []].append(place) }
                }
            }
        }
        var keys = WordSet(capacity: places.count + skeletons.count + anagrams.count + shortened.count)
        for key in [Array(places.keys), Array(skeletons.keys), Array(anagrams.keys), Array(shortened.keys)]
            .joined()
        {
            keys.insert(key)
        }
        self.keys = keys
        self.places = places
        self.targets = targets
        self.known = known
        self.skeletons = skeletons
        self.anagrams = anagrams
        self.shortened = shortened
        self.starred = starred
        self.english = english
        let lists = [strong, weak, english].map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        hash = sha256(of: Data(lists.utf8))
    }

    func target(_ letters: some Sequence<UInt8>) -> Target? {
        target(hash: WordHash.of(letters)).map { targets[$0] }
    }

    private func target(hash: UInt64) -> Int? { keys.contains(hash) ? places[hash] : nil }

    func isKnown(_ letters: some Sequence<UInt8>) -> Bool { known.contains(WordHash.of(letters)) }

    /// Rude words of the same skeleton (``WordHash/skeleton(_:)``), in order.
    func targets(ofSkeleton hash: UInt64) -> [Int] {
        keys.contains(hash) ? skeletons[hash] ?? [] : []
    }

    /// Rude words of the same first letter and length.
    func targets(startingWith letter: UInt8, count: Int) -> [Int] {
        starred[Self.starKey(letter, count)] ?? []
    }

    /// Rude words with the same first, last and inner letters.
    func targets(ofAnagram letters: [UInt8]) -> [Int] {
        let hash = WordHash.anagram(letters)
        return keys.contains(hash) ? anagrams[hash] ?? [] : []
    }

    /// Rude words of five letters or more with the same first letter that one letter left out, put in, replaced or
    /// swapped with its neighbour turns into `letters`.
    func targets(near letters: [UInt8]) -> [Int] {
        var found = Set(shortened[WordHash.of(letters)] ?? [])
        for left in letters.indices.dropFirst() {
            let hash = WordHash.of(letters, without: left)
            guard keys.contains(hash) else { continue }
            if let place = places[hash], targets[place].letters.count >= 5 { found.insert(place) }
            found.formUnion(shortened[hash] ?? [])
        }
        return found.filter { isOneEdit(targets[$0].letters, letters) }.sorted()
    }

    private static func starKey(_ letter: UInt8, _ count: Int) -> UInt16 {
        UInt16(letter) << 8 | UInt16(min(count, 255))
    }

    private func isOneEdit(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard first.first == second.first, abs(first.count - second.count) <= 1 else { return false }
        let start = zip(first, second).prefix { $0 == $1 }.count
        let end = zip(first.reversed(), second.reversed()).prefix { $0 == $1 }.count
        guard first.count == second.count else { return start + end >= min(first.count, second.count) }
        let middle = first.count - start - end
        return middle <= 1
            || (middle == 2 && first[start] == second[start + 1] && first[start + 1] == second[start])
    }

    private static func plurals(of words: [String]) -> [String] {
        words.compactMap { word in
            guard word.utf8.count >= 4, let last = word.last, word.allSatisfy({ $0.isLetter }) else {
                return nil
            }
            if "sdxzy".contains(last) || word.hasSuffix("ing") { return nil }
            return word.hasSuffix("ch") || word.hasSuffix("sh") ? word + "es" : word + "s"
        }
    }

    /// The most disguised ones, first among equals when a star may stand for several words.
    private static let common = [
        "fuck", "shit", "bitch", "ass", "cunt", "dick", "pussy", "nigger", "nigga", "whore", "slut", "cock",
        "fucking", "fucker", "fucked", "fuckers", "asshole", "assholes", "bullshit", "bastard",
        "motherfucker",
        "faggot", "retard", "retarded", "idiot", "idiots", "stupid", "moron", "morons", "dumbass", "loser",
        "bitches", "sluts", "whores", "niggers", "niggas", "faggots", "cunts", "dicks", "cocks", "shitty",
    ]

    /// Entries of the lists that are disguises themselves.
    private static let disguises: Set<String> = [
        "fuk", "fuks", "fuking", "fck", "fcks", "fcking", "phuck", "phucks", "stfu", "stfus", "kys", "bitchs",
        "jizzs", "moronics", "fuckins",
    ]
}
