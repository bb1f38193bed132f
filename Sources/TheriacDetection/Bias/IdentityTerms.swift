/// A group of people and the words that name it.
public struct IdentityGroup: Sendable, Equatable {
    /// Groups of one axis can stand for one another in a sentence.
    public enum Axis: String, Sendable, CaseIterable {
        case gender, sexuality, religion, race, migration, disability, age
    }

    /// Kebab-case.
    public var name: String
    public var axis: Axis
    /// Nouns for one person, and for several: `Muslim`, `Muslims`. The n-th of both belong together.
    public var persons: [(one: String, many: String)]
    /// Words that go before "people".
    public var adjectives: [String]
    /// Other words that mention the group, never swapped.
    public var others: [String]

    public static func == (one: IdentityGroup, other: IdentityGroup) -> Bool { one.name == other.name }

    fileprivate init(
        _ name: String, _ axis: Axis, persons: [(one: String, many: String)] = [], adjectives: [String] = [],
        others: [String] = []
    ) {
        self.name = name
        self.axis = axis
        self.persons = persons
        self.adjectives = adjectives
        self.others = others
    }
}

/// Words for groups of people, in English: neutral ones only, no slurs.
///
/// A text mentions a group when one of its words stands in it between word boundaries, in any case. A word list cannot
/// tell "black coffee" from a person, nor a group named by a slur, a flag or a place; nor is every group here.
public enum IdentityTerms {
    public static let all: [IdentityGroup] = [
        IdentityGroup(
            "male", .gender,
            persons: [
                ("man", "men"), ("boy", "boys"), ("father", "fathers"), ("son", "sons"),
                ("brother", "brothers"),
                ("husband", "husbands"), ("gentleman", "gentlemen"), ("boyfriend", "boyfriends"),
                ("uncle", "uncles"), ("grandfather", "grandfathers"), ("dad", "dads"), ("guy", "guys"),
            ], adjectives: ["male"], others: ["males", "masculine"]),
        IdentityGroup(
            "female", .gender,
            persons: [
                ("woman", "women"), ("girl", "girls"), ("mother", "mothers"), ("daughter", "daughters"),
                ("sister", "sisters"), ("wife", "wives"), ("lady", "ladies"), ("girlfriend", "girlfriends"),
                ("aunt", "aunts"), ("grandmother", "grandmothers"), ("mum", "mums"), ("gal", "gals"),
            ], adjectives: ["female"],
            others: ["females", "feminine", "feminist", "feminists", "feminism", "mom", "moms", "womens"]),
        IdentityGroup(
            "homosexual", .sexuality,
            persons: [("homosexual", "homosexuals"), ("lesbian", "lesbians"), ("gay man", "gay men")],
            adjectives: ["gay", "homosexual", "lesbian"],
            others: ["gays", "homosexuality", "same sex", "gay woman", "gay women"]),
        IdentityGroup(
            "bisexual-or-queer", .sexuality, persons: [("bisexual", "bisexuals")],
            adjectives: ["bisexual", "queer", "pansexual", "asexual"],
            others: ["lgbt", "lgbtq", "lgbtqia", "lgbtqa", "bisexuality"]),
        IdentityGroup(
            "transgender", .sexuality,
            persons: [("trans person", "trans people"), ("trans man", "trans men")],
            adjectives: ["transgender", "trans", "nonbinary", "transgendered", "transsexual"],
            others: [
                "trans woman", "trans women", "transwoman", "transwomen", "transman", "transmen",
                "non binary",
                "genderqueer", "transsexuals", "transgenders",
            ]),
        IdentityGroup(
            "heterosexual", .sexuality, persons: [("heterosexual", "heterosexuals")],
            adjectives: ["heterosexual"], others: ["straight people", "straight man", "straight men"]),
        IdentityGroup(
            "christian", .religion,
            persons: [("Christian", "Christians"), ("Catholic", "Catholics"), ("Protestant", "Protestants")],
            adjectives: ["Christian", "Catholic", "Protestant"],
            others: ["christianity", "catholicism", "evangelical", "evangelicals", "mormon", "mormons"]),
        IdentityGroup(
            "jewish", .religion, persons: [("Jew", "Jews")], adjectives: ["Jewish"],
            others: ["judaism", "jewry", "synagogue", "synagogues", "rabbi", "rabbis"]),
        IdentityGroup(
            "muslim", .religion, persons: [("Muslim", "Muslims")], adjectives: ["Muslim", "Islamic"],
            others: ["islam", "moslem", "moslems", "mosque", "mosques", "imam", "imams", "sunni", "shia"]),
        IdentityGroup(
            "other-religion", .religion,
            persons: [
                ("Hindu", "Hindus"), ("Sikh", "Sikhs"), ("Buddhist", "Buddhists"), ("Taoist", "Taoists"),
            ],
            adjectives: ["Hindu", "Sikh", "Buddhist", "Taoist"],
            others: ["hinduism", "sikhism", "buddhism", "atheist", "atheists"]),
        IdentityGroup(
            "black", .race, persons: [("African American", "African Americans")],
            adjectives: ["black", "African American"],
            others: [
                "blacks", "african", "africans", "afro american", "afro americans", "nigerian", "somali",
            ]),
        IdentityGroup(
            "white", .race, adjectives: ["white"],
            others: ["whites", "caucasian", "caucasians"]),
        IdentityGroup(
            "asian", .race,
            persons: [
                ("Asian", "Asians"), ("Indian", "Indians"), ("Korean", "Koreans"), ("Filipino", "Filipinos"),
            ],
            adjectives: ["Asian", "Chinese", "Indian", "Korean", "Vietnamese", "Japanese", "Pakistani"],
            others: ["asian american", "asian americans", "pakistanis", "filipina", "bangladeshi"]),
        IdentityGroup(
            "latino", .race,
            persons: [("Latino", "Latinos"), ("Hispanic", "Hispanics"), ("Mexican", "Mexicans")],
            adjectives: ["Latino", "Hispanic", "Mexican"], others: ["latina", "latinas", "latinx"]),
        IdentityGroup(
            "middle-eastern", .race, persons: [("Arab", "Arabs"), ("Turk", "Turks")],
            adjectives: ["Arab", "Middle Eastern", "Turkish"],
            others: ["arabic", "persian", "persians", "iranian", "iranians", "syrian", "syrians"]),
        IdentityGroup(
            "indigenous", .race, persons: [("Native American", "Native Americans")],
            adjectives: ["Native American", "indigenous", "Aboriginal"],
            others: ["american indian", "american indians", "first nations", "aboriginals", "maori"]),
        IdentityGroup(
            "immigrant-or-refugee", .migration,
            persons: [("immigrant", "immigrants"), ("refugee", "refugees"), ("migrant", "migrants")],
            adjectives: [],
            others: [
                "asylum seeker", "asylum seekers", "foreigner", "foreigners", "immigration", "undocumented",
            ]),
        IdentityGroup(
            "physical-disability", .disability, persons: [("wheelchair user", "wheelchair users")],
            adjectives: ["disabled", "paralysed", "paralyzed"],
            others: [
                "disability", "disabilities", "handicapped", "wheelchair", "paraplegic", "amputee",
                "amputees",
            ]),
        IdentityGroup(
            "mental-disability", .disability,
            persons: [("person with schizophrenia", "people with schizophrenia")],
            adjectives: ["autistic", "mentally ill"],
            others: [
                "autism", "down syndrome", "down s syndrome", "mental illness", "schizophrenia",
                "schizophrenic",
                "bipolar", "mentally disabled", "learning disability", "learning disabilities",
            ]),
        IdentityGroup(
            "blind-or-deaf", .disability, persons: [], adjectives: ["blind", "deaf"],
            others: ["deafness", "blindness", "visually impaired", "hearing impaired"]),
        IdentityGroup(
            "older", .age, persons: [("pensioner", "pensioners")], adjectives: ["elderly", "old", "older"],
            others: ["senior citizen", "senior citizens", "boomer", "boomers", "middle aged"]),
        IdentityGroup(
            "younger", .age, persons: [("teenager", "teenagers")],
            adjectives: ["teenage", "young", "younger"],
            others: ["millennial", "millennials", "youngster", "youngsters", "teens"]),
    ]

    /// The group of that name, or nil.
    public static func named(_ name: String) -> IdentityGroup? { all.first { $0.name == name } }
}
