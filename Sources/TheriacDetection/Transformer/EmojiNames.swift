/// Writes emoji out by their Unicode names: "you 🐀" is read as "you  rat ".
///
/// For encoders whose vocabulary has no emoji; they would see that one is there, not which. Names of characters never
/// change, so neither do scores.
enum EmojiNames {
    /// A text with its emoji written out, and where each of its scalars comes from.
    struct Written: Equatable {
        var text: String
        /// For each scalar of the new text the place of its origin in the old one.
        var origins: [Int]
    }

    /// - Returns: nil for a text without emoji.
    static func written(_ text: String) -> Written? {
        // Every emoji that is not ASCII begins with one of these bytes in UTF-8.
        guard text.utf8.contains(where: { $0 == 0xE2 || $0 == 0xE3 || $0 == 0xF0 }),
            text.unicodeScalars.contains(where: isEmoji)
        else { return nil }
        var scalars = String.UnicodeScalarView()
        var origins: [Int] = []
        for (place, scalar) in text.unicodeScalars.enumerated() {
            if isEmoji(scalar), let name = name(scalar) {
                let added = (" " + name + " ").unicodeScalars
                scalars.append(contentsOf: added)
                origins.append(contentsOf: repeatElement(place, count: added.count))
            } else {
                scalars.append(scalar)
                origins.append(place)
            }
        }
        return Written(text: String(scalars), origins: origins)
    }

    private static func isEmoji(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x2030 && scalar.properties.isEmoji
    }

    private static func name(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x1F3FB: "light skin"
        case 0x1F3FC...0x1F3FE: "brown skin"
        case 0x1F3FF: "dark skin"
        // Letters that make a flag say little one by one.
        case 0x1F1E6...0x1F1FF: nil
        default: scalar.properties.name?.lowercased()
        }
    }
}
