import Foundation

/// Characters that ``Confusable`` does not find by a rule. Chosen by hand, by their shapes.
enum ConfusableTable {
    static let others: [UInt32: Confusable] = {
        var table: [UInt32: Confusable] = [:]
        func add(_ pairs: String, _ kind: Confusable.Kind) {
            for pair in pairs.split(separator: " ") {
                guard let plain = pair.utf8.first else { continue }
                let isUpper = plain < 0x61
                for scalar in pair.unicodeScalars.dropFirst() {
                    table[scalar.value] = .character(byte: plain | 0x20, isUpper: isUpper, kind: kind)
                }
            }
        }
        // Cyrillic, Greek, Armenian, Cherokee, Coptic and Lisu letters, after the Latin letter that they look like.
        add(
            "aаα AАΑᎪ BВΒᏴ cсϲⅽ CСϹᏟⅭ dԁⅾ DᎠⅮ eеҽ EЕΕᎬ fϝ FϜ gց hһհ HНΗᎻ iіι IІΙӀ jјϳ JЈͿᎫ kκ KКΚᏦ lӏ LᏞ mⅿ MМΜᎷ nոռ "
                + "NΝ oоοօ OОΟՕ pрρ PРΡᏢ qԛգ QԚ rᴦ RᎡ sѕ SЅՏᏚ tτ TТΤᎢ uυսᴜ UՍ vνѵᴠ VѴᏙ wԝᴡ WԜᎳ xхχ XХΧ yуγ YУΥҮ zᴢ ZΖᏃ",
            .twin)
        add(
            "bвьъƅβ dժ eєэεё fғƒ gɡ hнћ kк mм nпηи oσθө rгя tт uцμվ wшщωω xж yүұλ zʐ AΛД EΣЄЭ NИ RЯГ UЦ WШЩ OΘ",
            .cousin)
        add(
            "aᴀɑ bʙ cᴄ dᴅ eᴇ fꜰ gɢ hʜ iɪıɩ jᴊ kᴋ lʟɫ mᴍ nɴ oᴏ pᴘ rʀ sꜱʂ tᴛ vʋ yʏ uʉ lℓ nⁿ iⁱ IƖ",
            .form)
        // Letters with strokes that languages write.
        add("oø OØ dđð DĐ hħ HĦ lł LŁ tŧ TŦ", .accented)
        // Letterlike symbols and superscripts have a compatibility decomposition of one letter.
        let ranges: [ClosedRange<UInt32>] = [
            0x1D2C...0x1D6A, 0x2090...0x209C, 0x2100...0x214F, 0x1D78...0x1D78, 0x2071...0x207F,
            0x2B0...0x2B8,
            0x2E0...0x2E3, 0x1D9C...0x1DBB, 0x2C7C...0x2C7D,
        ]
        for value in ranges.joined() where table[value] == nil {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let plain = String(Character(scalar)).decomposedStringWithCompatibilityMapping.unicodeScalars
            guard plain.count == 1, let letter = plain.first, letter.isASCII, letter.properties.isAlphabetic
            else {
                continue
            }
            let byte = UInt8(letter.value)
            table[value] = .character(byte: byte | 0x20, isUpper: byte < 0x61, kind: .form)
        }
        return table
    }()

    /// The first scalar of the canonical decomposition.
    static func decomposed(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars.first
    }
}
