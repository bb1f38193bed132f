/// Disguises that became words of their own, too far from the plain word for a rule.
enum Shorthand {
    static let words: [[UInt8]: [UInt8]] = {
        let pairs = [
            "fuk": "fuck", "fuks": "fucks", "fuking": "fucking", "fukin": "fucking", "fck": "fuck",
            "fcks": "fucks",
            "fcking": "fucking", "fckin": "fucking", "fkin": "fucking", "fking": "fucking", "fkn": "fucking",
            "fcked": "fucked", "fucken": "fucking",
            "fukc": "fuck", "fucc": "fuck", "fuq": "fuck", "phuck": "fuck", "phucks": "fucks", "phuk": "fuck",
            "phucking": "fucking", "phuking": "fucking", "azz": "ass", "azzhole": "asshole",
            "biatch": "bitch", "biotch": "bitch",
            "beyotch": "bitch", "btch": "bitch", "btches": "bitches", "bytch": "bitch", "sht": "shit",
            "shyt": "shit",
            "shiet": "shit", "dikhead": "dickhead", "niqqa": "nigga",
            "niqqas": "niggas", "nibba": "nigga", "nibbas": "niggas", "phaggot": "faggot", "fgt": "faggot",
        ]
        return Dictionary(uniqueKeysWithValues: pairs.map { (Array($0.key.utf8), Array($0.value.utf8)) })
    }()
}
