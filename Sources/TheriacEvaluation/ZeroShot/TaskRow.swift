public import Foundation
internal import TheriacCorpora
public import TheriacFiles

/// One row of a task's file, with readers that say which field is wrong.
public struct TaskRow: Sendable {
    /// Why a row cannot be used.
    public struct Problem: Error, Equatable {
        public var reason: String
    }

    public let value: JSONValue

    public init(_ value: JSONValue) { self.value = value }

    /// A string field.
    public func text(_ name: String) throws(Problem) -> String {
        guard let text = value[name]?.text else {
            throw Problem(reason: "the field '\(name)' is not a string")
        }
        return text
    }

    /// A field that is true or false, or 1 or 0.
    public func flag(_ name: String) throws(Problem) -> Bool {
        switch value[name] {
        case .bool(let flag)?: return flag
        case .integer(0)?: return false
        case .integer(1)?: return true
        default: throw Problem(reason: "the field '\(name)' is neither true nor false")
        }
    }

    /// A whole number in `range`, such as a place in a list.
    public func place(_ name: String, in range: Range<Int>) throws(Problem) -> Int {
        guard case .integer(let place)? = value[name], range.contains(place) else {
            throw Problem(reason: "the field '\(name)' is not a whole number in \(range)")
        }
        return place
    }

    /// A list of strings, at least one.
    public func texts(_ name: String) throws(Problem) -> [String] {
        guard let elements = value[name]?.elements, !elements.isEmpty else {
            throw Problem(reason: "the field '\(name)' is not a list of strings")
        }
        let texts = elements.compactMap(\.text)
        guard texts.count == elements.count else {
            throw Problem(reason: "the field '\(name)' is not a list of strings")
        }
        return texts
    }

    /// The place of a string field among words.
    public func place(of name: String, among words: [String]) throws(Problem) -> Int {
        guard let place = words.firstIndex(of: try text(name)) else {
            throw Problem(reason: "the field '\(name)' is none of \(words.joined(separator: ", "))")
        }
        return place
    }
}

/// A question with the row it comes from.
public struct TaskItem: Sendable {
    /// Place among the task's questions, from 0.
    public var id: Int
    public var row: TaskRow
    /// SHA-256 of the row's line.
    public var rowHash: String
    public var question: TaskQuestion
}

/// The questions of a task, read from its file.
public struct TaskItems: Sendable {
    public private(set) var items: [TaskItem] = []
    /// Questions in the file, taken or not.
    public private(set) var original = 0
    /// Lines that could not be used, as sentences.
    public private(set) var problems: [String] = []
    /// SHA-256 of the file.
    public let fileHash: String

    /// - Parameters:
    ///   - file: JSON lines.
    ///   - limit: the first so many questions; 0 takes all.
    public init(of task: any ZeroShotTask, in file: URL, limit: Int = 0) throws {
        fileHash = try sha256(ofFileAt: file)
        let lines = try LineReader(path: file.path)
        while let line = try lines.next() {
            do throws(TaskRow.Problem) {
                guard !line.bytes.isEmpty else { continue }
                let row = try Self.row(line.bytes)
                guard let question = try task.question(row) else { continue }
                original += 1
                guard limit == 0 || items.count < limit else { continue }
                let hash = sha256(of: Data(line.bytes))
                items.append(TaskItem(id: items.count, row: row, rowHash: hash, question: question))
            } catch {
                problems.append("\(task.card.file), line \(line.number): \(error.reason)")
            }
        }
    }

    private static func row(_ bytes: some Sequence<UInt8>) throws(TaskRow.Problem) -> TaskRow {
        let result = Array(bytes).withUnsafeBytes { bytes -> Result<JSONValue, JSONError> in
            do throws(JSONError) { return .success(try JSONScanner.value(in: bytes)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let value): return TaskRow(value)
        case .failure(let error): throw TaskRow.Problem(reason: "it is \(error)")
        }
    }
}
