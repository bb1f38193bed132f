internal import Foundation
internal import TheriacEvaluation
internal import TheriacFiles

/// Answers of a model to requests, one JSON line each, written as they come, so that a run that was killed asks nothing
/// twice. Answers of another model, or to a prompt of another wording, are left where they are and not used.
final class TaskAnswerLog {
    private struct Line: Codable {
        /// Which model, in which precision.
        let source: String
        /// SHA-256 of the request.
        let request: String
        /// nil when the model has none.
        let answer: TaskAnswer?
    }

    private let writer: JSONLinesWriter
    private let source: String
    private var known: [String: TaskAnswer?] = [:]

    init(file: URL, source: String) throws {
        writer = try JSONLinesWriter(appendingTo: file)
        self.source = source
        let reader = try LineReader(path: file.path)
        while let line = try reader.next() {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.bytes)),
                line.source == source
            else { continue }
            known[line.request] = .some(line.answer)
        }
    }

    /// The answer to each request, in order.
    ///
    /// - Parameters:
    ///   - chunk: requests asked between two writes.
    ///   - ask: a model's answers, in the requests' order.
    ///   - progress: requests answered so far.
    func answers(
        to requests: [TaskQuestion.Request], chunk: Int = 512,
        ask: ([TaskQuestion.Request]) throws -> [TaskAnswer?], progress: (Int) -> Void
    ) throws -> [TaskAnswer?] {
        let keys = requests.map(Self.key)
        var waiting: Set<String> = []
        // The longest first, so that what is left never takes longer than it seems; equal contexts side by side.
        let missing = requests.indices.filter { known[keys[$0]] == nil && waiting.insert(keys[$0]).inserted }
            .map { (key: keys[$0], request: requests[$0]) }
            .sorted {
                let (a, b) = ($0.request.context, $1.request.context)
                return a.utf8.count != b.utf8.count ? a.utf8.count > b.utf8.count : a < b
            }
        for start in stride(from: 0, to: missing.count, by: chunk) {
            let part = missing[start..<min(start + chunk, missing.count)]
            for (entry, answer) in zip(part, try ask(part.map(\.request))) {
                try writer.append(Line(source: source, request: entry.key, answer: answer))
                known[entry.key] = .some(answer)
            }
            try writer.flush()
            progress(requests.count - missing.count + start + part.count)
        }
        return keys.map { known[$0] ?? nil }
    }

    private static func key(_ request: TaskQuestion.Request) -> String {
        sha256(of: Data("\(request.context)\u{0}\(request.continuation)".utf8))
    }
}
