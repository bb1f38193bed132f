/// Decomposes a text and puts its marks in canonical order.
///
/// Source: Unicode Standard Annex 15. Each scalar comes with the change that the Rust library counts: 0 for
/// the first of a decomposition, 1 for further ones; the counts move along when marks change places.
struct Decomposer {
    private let table: Decompositions
    /// Scalars whose order is not settled.
    private var pending: [Change] = []

    typealias Change = (class: UInt8, scalar: UInt32, change: Int)

    init(_ table: Decompositions) { self.table = table }

    /// Passes each decomposed scalar to `write`, which moves `rewriter` on.
    mutating func run(
        on rewriter: inout Rewriter, lowercasingASCII: Bool = false,
        _ write: (_ rewriter: inout Rewriter, _ scalar: UInt32, _ change: Int) -> Void
    ) {
        let source = rewriter.source
        var position = 0
        while position < source.count {
            if source[position] < 0x80 {
                flush(into: &rewriter, write)
                let end = UTF8Scalar.endOfASCII(in: source, from: position)
                rewriter.copyASCII(upTo: end, lowercasing: lowercasingASCII)
                position = end
                continue
            }
            let (scalar, width) = UTF8Scalar.decode(source, at: position)
            position += width
            if table.isInert(scalar) {
                flush(into: &rewriter, write)
                write(&rewriter, scalar, 0)
                continue
            }
            var change = 0
            table.forEach(of: scalar) { part in
                let combining = CombiningClass.of(part)
                if combining == 0 { flush(into: &rewriter, write) }
                pending.append((combining, part, change))
                change = 1
            }
        }
        flush(into: &rewriter, write)
    }

    /// All decomposed scalars of a text.
    mutating func decomposed(_ source: UnsafeBufferPointer<UInt8>) -> [Change] {
        var scalars: [Change] = []
        var position = 0
        while position < source.count {
            let (scalar, width) = UTF8Scalar.decode(source, at: position)
            position += width
            var change = 0
            table.forEach(of: scalar) { part in
                let combining = CombiningClass.of(part)
                if combining == 0 {
                    sortPending()
                    scalars.append(contentsOf: pending)
                    pending.removeAll(keepingCapacity: true)
                }
                pending.append((combining, part, change))
                change = 1
            }
        }
        sortPending()
        scalars.append(contentsOf: pending)
        pending.removeAll(keepingCapacity: true)
        return scalars
    }

    private mutating func flush(
        into rewriter: inout Rewriter,
        _ write: (_ rewriter: inout Rewriter, _ scalar: UInt32, _ change: Int) -> Void
    ) {
        if pending.isEmpty { return }
        sortPending()
        for (_, scalar, change) in pending { write(&rewriter, scalar, change) }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func sortPending() {
        if pending.count < 2 { return }
        // An insertion sort: stable, and the runs are short. Long ones are sorted with their places.
        if pending.count > 32 {
            let sorted = pending.enumerated().sorted {
                ($0.element.class, $0.offset) < ($1.element.class, $1.offset)
            }
            pending = sorted.map(\.element)
        } else {
            for index in 1..<pending.count {
                var place = index
                while place > 0, pending[place - 1].class > pending[place].class {
                    pending.swapAt(place - 1, place)
                    place -= 1
                }
            }
        }
    }
}
