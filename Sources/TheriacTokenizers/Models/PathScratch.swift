/// Working memory of a search for the best path through a piece.
struct PathScratch: Sendable {
    /// For each byte position the best score of a path that ends there, where its last token starts, and
    /// that token.
    var nodes: [Node] = []

    struct Node {
        var score = 0.0
        var start: Int32 = -1
        var id: Int32 = 0
    }
}
