/// Says a text again without what is wrong with it.
protocol TextRewriter: Sendable {
    /// - Parameter attempt: from 0; later attempts should differ.
    /// - Returns: nil when it finds no way to say it.
    func rewrite(_ text: String, attempt: Int) async throws -> String?
}
