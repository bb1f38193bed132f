/// Counts in how many texts each feature occurs, and numbers those that occur often enough.
///
/// A feature is known by its slot and its fingerprint in the table to come: what the table cannot tell apart
/// is
/// counted as one. Open addressing; grows by doubling.
struct FeatureCounter {
    private struct Entry {
        /// Slot and fingerprint, plus one; 0 is an empty entry.
        var key: UInt64 = 0
        var texts: UInt32 = 0
        /// The text that was counted last, then the feature's number.
        var mark = UInt32.max
    }

    private let bits: Int
    private var entries: [Entry]
    private var used = 0

    init(bits: Int) {
        self.bits = bits
        entries = [Entry](repeating: Entry(), count: 1 << 16)
    }

    private func key(of feature: UInt64) -> UInt64 {
        UInt64(FeatureTable.slot(of: feature, bits: bits)) << 8
            | UInt64(FeatureTable.fingerprint(of: feature))
    }

    private func place(of key: UInt64) -> Int {
        let mask = entries.count - 1
        var place = Int(truncatingIfNeeded: FeatureHash.mix(key)) & mask
        while entries[place].key != 0 && entries[place].key != key + 1 { place = (place + 1) & mask }
        return place
    }

    /// `text`: the number of the text; texts come one after another.
    mutating func count(_ feature: UInt64, text: UInt32) {
        let key = key(of: feature)
        let place = place(of: key)
        if entries[place].key == 0 {
            entries[place].key = key + 1
            used += 1
        }
        if entries[place].mark != text {
            entries[place].mark = text
            entries[place].texts += 1
        }
        if used * 2 > entries.count { grow() }
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.key != 0 { entries[place(of: entry.key - 1)] = entry }
    }

    /// Numbers the features of at least `minimum` texts, in the order of their keys.
    /// - Returns: for each, its slot and fingerprint, and its count of texts.
    mutating func number(minimum: Int) -> [(slot: Int, fingerprint: UInt8, texts: Int)] {
        let kept = entries.indices.filter { entries[$0].key != 0 && Int(entries[$0].texts) >= minimum }
            .sorted { entries[$0].key < entries[$1].key }
        for index in entries.indices { entries[index].mark = .max }
        var features: [(slot: Int, fingerprint: UInt8, texts: Int)] = []
        features.reserveCapacity(kept.count)
        for index in kept {
            entries[index].mark = UInt32(features.count)
            let key = entries[index].key - 1
            features.append((Int(key >> 8), UInt8(key & 0xFF), Int(entries[index].texts)))
        }
        return features
    }

    /// The number given to a feature; nil for one too rare.
    func number(of feature: UInt64) -> UInt32? {
        let mark = entries[place(of: key(of: feature))].mark
        return mark == .max ? nil : mark
    }
}
