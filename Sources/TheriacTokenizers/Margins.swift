extension TokenSequence.Margins {
    /// The white space at the ends of a token's content, with `Ġ` counted as a blank.
    init(of content: UnsafeBufferPointer<UInt8>) {
        self.init()
        var position = 0
        while position < content.count {
            let (scalar, width) = UTF8Scalar.decode(content, at: position)
            guard Self.isBlank(scalar) else { break }
            leading += 1
            position += width
        }
        position = content.count
        while position > 0 {
            position = UTF8Scalar.start(before: position, in: content)
            guard Self.isBlank(UTF8Scalar.decode(content, at: position).value) else { break }
            trailing += 1
        }
    }

    private static func isBlank(_ scalar: UInt32) -> Bool {
        scalar == 0x120 || ScalarClass.of(scalar) == .space
    }
}

extension Vocabulary {
    func margins(of id: Int32) -> TokenSequence.Margins {
        content(id).withUnsafeBufferPointer { TokenSequence.Margins(of: $0) }
    }
}
