extension Unicode.Scalar {
    /// A character that is not seen but acts on what is: controls, line and paragraph separators, and those
    /// that turn the direction of text. None of them may reach a terminal or a page from outside.
    var isInvisibleControl: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028, 0x2029: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        case 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: properties.isNoncharacterCodePoint
        }
    }
}
