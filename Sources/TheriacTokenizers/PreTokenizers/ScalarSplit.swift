/// Cuts at every scalar of a kind: `Punctuation`, `Digits`, `WhitespaceSplit` and `CharDelimiterSplit`.
struct ScalarSplit: PreTokenizer {
    enum Kind: Sendable {
        case traits(ScalarTraits)
        case scalar(UInt32)
    }

    var kind: Kind
    var behavior: SplitBehavior

    func preTokenize(_ section: inout Section) {
        section.cut { bytes, piece, pieces in
            var collector = SplitCollector(behavior, startingAt: piece.lowerBound)
            var position = piece.lowerBound
            while position < piece.upperBound {
                let (scalar, width) = UTF8Scalar.decode(bytes, at: position)
                if isDelimiter(scalar) { collector.add(position..<position + width, to: &pieces) }
                position += width
            }
            collector.finish(at: piece.upperBound, to: &pieces)
        }
    }

    @inline(__always)
    private func isDelimiter(_ scalar: UInt32) -> Bool {
        switch kind {
        case .traits(let traits): !ScalarTraits.of(scalar).isDisjoint(with: traits)
        case .scalar(let delimiter): scalar == delimiter
        }
    }

    static let whitespace = ScalarSplit(kind: .traits(.space), behavior: .removed)

    static func punctuation(_ node: JSONNode) throws(TokenizerError) -> ScalarSplit {
        let behavior = try node.field("behavior")
        return ScalarSplit(
            kind: .traits(.punctuation), behavior: behavior.isNull ? .isolated : try SplitBehavior(behavior))
    }

    static func digits(_ node: JSONNode) throws(TokenizerError) -> ScalarSplit {
        let individual = try node.field("individual_digits").bool(default: false)
        return ScalarSplit(kind: .traits(.numeric), behavior: individual ? .isolated : .contiguous)
    }

    static func delimiter(_ node: JSONNode) throws(TokenizerError) -> ScalarSplit {
        ScalarSplit(kind: .scalar(try node.field("delimiter").scalar()), behavior: .removed)
    }
}

extension JSONNode {
    /// A string of one scalar.
    func scalar() throws(TokenizerError) -> UInt32 {
        let scalars = try string().unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else {
            throw .invalidField(file: file, field: path, reason: "must be one character")
        }
        return first.value
    }
}
