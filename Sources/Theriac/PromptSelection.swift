internal import Foundation
internal import TheriacCorpora
internal import TheriacEvaluation
internal import TheriacFiles

/// Prompts of a file, or some of them.
enum PromptSelection {
    /// - Parameter limit: how many, evenly spread over the file; 0 takes all.
    static func read(
        _ file: URL, limit: Int
    ) throws -> (prompts: [Prompt], problems: [LineProblem], identity: ContentIdentity) {
        let reading = try PromptFile.read(path: file.path)
        guard !reading.elements.isEmpty else { throw WorkbenchError.noPrompts(file.lastPathComponent) }
        let all = reading.elements
        let chosen =
            limit == 0 || limit >= all.count ? all : (0..<limit).map { all[$0 * all.count / limit] }
        let identity = ContentIdentity(name: file.lastPathComponent, hash: try sha256(ofFileAt: file))
        return (chosen, reading.problems, identity)
    }
}
