/// Writes the new form of a section's bytes from front to back, and which bytes of the text each stands for.
///
/// The rules are those of the Rust library `tokenizers`: a scalar that replaces another stands for what that
/// stood for, an inserted one for what the scalar before it stood for.
struct Rewriter {
    let source: UnsafeBufferPointer<UInt8>
    private let places: UnsafeBufferPointer<Section.Place>
    let tracksPlaces: Bool
    fileprivate(set) var output: [UInt8]
    private(set) var outputPlaces: [Section.Place]
    /// The next byte of the source, always the first of a scalar.
    var position = 0

    init(
        source: UnsafeBufferPointer<UInt8>, places: UnsafeBufferPointer<Section.Place>, tracksPlaces: Bool,
        output: [UInt8], outputPlaces: [Section.Place]
    ) {
        (self.source, self.places, self.tracksPlaces) = (source, places, tracksPlaces)
        (self.output, self.outputPlaces) = (output, outputPlaces)
        self.output.reserveCapacity(source.count + 16)
    }

    /// The next scalar of the source, and how many bytes it takes.
    @inline(__always)
    var next: (value: UInt32, width: Int) { UTF8Scalar.decode(source, at: position) }

    /// Keeps the source up to `end`.
    @inline(__always)
    mutating func copy(upTo end: Int) {
        if end <= position { return }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: source[position..<end]))
        if tracksPlaces {
            outputPlaces.append(contentsOf: UnsafeBufferPointer(rebasing: places[position..<end]))
        }
        position = end
    }

    /// Keeps a range of the source, wherever the next byte is.
    mutating func copy(from start: Int, upTo end: Int) {
        position = start
        copy(upTo: end)
    }

    /// Keeps the source up to `end`, which is ASCII, or its lower case.
    mutating func copyASCII(upTo end: Int, lowercasing: Bool) {
        let start = output.count
        copy(upTo: end)
        guard lowercasing else { return }
        output.withUnsafeMutableBufferPointer { output in
            for index in start..<output.count {
                let byte = output[index]
                output[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
            }
        }
    }

    /// Writes a scalar in place of the next `width` bytes of the source.
    @inline(__always)
    mutating func replace(_ width: Int, with scalar: UInt32) {
        write(scalar, at: position)
        position += width
    }

    /// Writes a scalar that has no counterpart in the source.
    @inline(__always)
    mutating func insert(_ scalar: UInt32) { write(scalar, at: position - 1) }

    /// Writes a scalar as the Rust library describes changes: 1 for one inserted, 0 for one in place of the
    /// next of the source, -n when n more scalars of the source go with it.
    mutating func write(_ scalar: UInt32, change: Int, isKept: Bool = true) {
        if change > 0 {
            if isKept { insert(scalar) }
            return
        }
        if isKept { write(scalar, at: position) }
        for _ in 0...(-change) where position < source.count {
            position += UTF8Scalar.width(ofLead: source[position])
        }
    }

    /// Leaves out the next `width` bytes of the source.
    @inline(__always)
    mutating func skip(_ width: Int) { position += width }

    /// Writes bytes that stand for what the source has at `place`.
    mutating func write(_ bytes: some Collection<UInt8>, standingFor place: Int) {
        output.append(contentsOf: bytes)
        guard tracksPlaces else { return }
        let place = self.place(at: place)
        for _ in 0..<bytes.count { outputPlaces.append(place) }
    }

    @inline(__always)
    private mutating func write(_ scalar: UInt32, at place: Int) {
        let width = UTF8Scalar.append(scalar, to: &output)
        guard tracksPlaces else { return }
        let place = self.place(at: place)
        for _ in 0..<width { outputPlaces.append(place) }
    }

    private func place(at position: Int) -> Section.Place {
        places.indices.contains(position) ? places[position] : Section.Place(start: 0, end: 0)
    }
}
