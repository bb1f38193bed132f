internal import TheriacFiles

/// What a caller says in the object `theriac` about its texts, on every route of OpenAI's dialect.
struct CallerWishes: Equatable {
    /// Whose learnt thresholds count.
    var community: String?
    /// Neither the text nor its hash is recorded.
    var doNotStore = false

    init() {}

    /// Takes `community` and `do_not_store` out of the object's members.
    init(taking members: inout [String: JSONValue]) throws(OpenAIError) {
        if let name = members.removeValue(forKey: "community"), name != .null {
            guard let text = name.text, text.utf8.count <= 256 else {
                throw .wrongType("theriac.community", expected: "a string of at most 256 bytes")
            }
            community = text
        }
        if let flag = members.removeValue(forKey: "do_not_store"), flag != .null {
            guard case .bool(let isTrue) = flag else {
                throw .wrongType("theriac.do_not_store", expected: "true or false")
            }
            doNotStore = isTrue
        }
        // Another spelling must not pass unseen: the text would be kept.
        guard members["doNotStore"] == nil else {
            throw OpenAIError(
                status: 400, message: "Unknown parameter: 'theriac.doNotStore'. Write 'do_not_store'.",
                parameter: "theriac.doNotStore", code: "unknown_parameter")
        }
    }
}
