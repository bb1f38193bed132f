/// A stretch of text between added tokens, on its way through normalizers, pre-tokenizers and model.
///
/// Owned bytes, so that a stage may rewrite them; one section is reused for all stretches of all texts.
struct Section: Sendable {
    /// UTF-8, as the model will see it (before the byte alphabet is applied).
    var bytes: [UInt8] = []
    /// The pieces that the model tokenizes one by one: ascending, none empty. Bytes between them are left out.
    var pieces: [Range<Int>] = []
    /// For each byte the bytes of the stretch it stands for; empty as long as the bytes are those of the
    /// text, or when nobody asked.
    private(set) var places: [Place] = []
    /// Where the section starts in the text, in bytes.
    private(set) var start = 0
    /// Whether `places` is kept when bytes are rewritten.
    private var tracksPlaces = false
    private var spareBytes: [UInt8] = []
    private var sparePlaces: [Place] = []
    private var sparePieces: [Range<Int>] = []

    /// A range of bytes of the stretch.
    struct Place: Equatable {
        var start: Int32
        var end: Int32
    }

    /// Takes in a stretch of the text that starts at byte `start`, as one piece.
    mutating func load(_ source: UnsafeBufferPointer<UInt8>, startingAt start: Int, tracksPlaces: Bool) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: source)
        places.removeAll(keepingCapacity: true)
        self.tracksPlaces = tracksPlaces
        self.start = start
        isOnePiece()
    }

    /// Takes in a part of another section, as one piece.
    mutating func load(_ range: Range<Int>, of other: borrowing Section) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: other.bytes[range])
        places.removeAll(keepingCapacity: true)
        if other.places.isEmpty {
            start = other.start + range.lowerBound
        } else {
            places.append(contentsOf: other.places[range])
            start = other.start
        }
        tracksPlaces = other.tracksPlaces
        isOnePiece()
    }

    /// The bytes of the text that `range` of `bytes` stands for.
    func textRange(of range: Range<Int>) -> Range<Int> {
        if places.isEmpty { return start + range.lowerBound..<start + range.upperBound }
        if range.isEmpty { return start..<start }
        let lower = start + Int(places[range.lowerBound].start)
        return lower..<max(start + Int(places[range.upperBound - 1].end), lower)
    }

    /// Cuts every piece: `body` appends what is left of it to `pieces`, which may be empty ranges too.
    mutating func cut(
        _ body: (
            _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ pieces: inout [Range<Int>]
        ) -> Void
    ) {
        var cut = sparePieces
        sparePieces = []
        cut.removeAll(keepingCapacity: true)
        bytes.withUnsafeBufferPointer { bytes in
            for piece in pieces { body(bytes, piece, &cut) }
        }
        sparePieces = pieces
        pieces = cut
    }

    /// Rewrites all bytes; what `body` does not write is gone. The result is one piece.
    mutating func rewrite(_ body: (inout Rewriter) -> Void) {
        withRewriter(body)
        isOnePiece()
    }

    /// Rewrites every piece for itself; empty ones are gone.
    mutating func rewritePieces(_ body: (_ rewriter: inout Rewriter, _ piece: Range<Int>) -> Void) {
        let pieces = pieces
        var written = sparePieces
        sparePieces = []
        written.removeAll(keepingCapacity: true)
        withRewriter { rewriter in
            for piece in pieces {
                let start = rewriter.output.count
                rewriter.position = piece.lowerBound
                body(&rewriter, piece)
                if rewriter.output.count > start { written.append(start..<rewriter.output.count) }
            }
        }
        sparePieces = self.pieces
        self.pieces = written
    }

    /// Changes bytes where they stand, when places are not tracked; bytes from the returned count on are
    /// dropped.
    ///
    /// - Returns: whether it was done.
    mutating func changeInPlace(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) -> Bool {
        if tracksPlaces { return false }
        let count = bytes.withUnsafeMutableBufferPointer { body($0) }
        bytes.removeLast(bytes.count - count)
        isOnePiece()
        return true
    }

    private mutating func withRewriter(_ body: (inout Rewriter) -> Void) {
        if tracksPlaces, places.isEmpty { makePlaces() }
        var (newBytes, newPlaces) = (spareBytes, sparePlaces)
        (spareBytes, sparePlaces) = ([], [])
        newBytes.removeAll(keepingCapacity: true)
        newPlaces.removeAll(keepingCapacity: true)
        bytes.withUnsafeBufferPointer { source in
            places.withUnsafeBufferPointer { places in
                var rewriter = Rewriter(
                    source: source, places: places, tracksPlaces: tracksPlaces, output: newBytes,
                    outputPlaces: newPlaces)
                (newBytes, newPlaces) = ([], [])
                body(&rewriter)
                (newBytes, newPlaces) = (rewriter.output, rewriter.outputPlaces)
            }
        }
        (spareBytes, sparePlaces) = (bytes, places)
        (bytes, places) = (newBytes, newPlaces)
    }

    /// Every byte stands for its own scalar.
    private mutating func makePlaces() {
        var position = 0
        bytes.withUnsafeBufferPointer { bytes in
            while position < bytes.count {
                let width = UTF8Scalar.width(ofLead: bytes[position])
                let place = Place(start: Int32(position), end: Int32(position + width))
                for _ in 0..<width { places.append(place) }
                position += width
            }
        }
    }

    private mutating func isOnePiece() {
        pieces.removeAll(keepingCapacity: true)
        if !bytes.isEmpty { pieces.append(0..<bytes.count) }
    }
}
