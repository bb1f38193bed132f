/// The smallest part of a template that has a meaning of its own.
struct TemplateToken: Equatable {
    enum Kind: Equatable {
        /// Text outside of tags, white space already cut.
        case text(String)
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String), string(String), integer(Int), number(Double), symbol(String)
        case end
    }

    let kind: Kind
    /// From 1.
    let line: Int

    /// The token for messages. What strings hold is not told.
    var description: String {
        switch kind {
        case .text: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .number: "a number"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}
