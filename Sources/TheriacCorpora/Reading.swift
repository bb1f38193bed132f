/// A line that could not be read. The reason never quotes the line.
public struct LineProblem: Sendable, Equatable, CustomStringConvertible {
    /// Line in the file, from 1.
    public var line: Int
    public var reason: String

    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }

    public var description: String { "Line \(line): \(reason)." }
}

/// What was read of a file: the good lines, and what was wrong with the others.
public struct Reading<Element> {
    public var elements: [Element]
    public var problems: [LineProblem]

    public init(elements: [Element] = [], problems: [LineProblem] = []) {
        self.elements = elements
        self.problems = problems
    }

    /// Adds one entry to its list.
    mutating func add(_ entry: Entry<Element>) {
        switch entry {
        case .element(let element): elements.append(element)
        case .problem(let problem): problems.append(problem)
        }
    }
}

extension Reading: Sendable where Element: Sendable {}
extension Reading: Equatable where Element: Equatable {}

/// One line of a file as it is read: an element, or what is wrong with it.
public enum Entry<Element> {
    case element(Element)
    case problem(LineProblem)
}

extension Entry: Sendable where Element: Sendable {}
extension Entry: Equatable where Element: Equatable {}
