internal import Foundation
internal import TheriacFiles

/// What a source, such as a model, says of something that a key names: one JSON line each, written as it is made, so that a
/// run that was killed makes nothing twice. Lines of another source are left where they are and not used.
final class KeyedLog<Value: Codable> {
    private struct Line: Codable {
        let source: String
        let key: String
        let value: Value
    }

    private let writer: JSONLinesWriter
    private let source: String
    private var known: [String: Value] = [:]

    init(file: URL, source: String) throws {
        writer = try JSONLinesWriter(appendingTo: file)
        self.source = source
        let reader = try LineReader(path: file.path)
        while let line = try reader.next() {
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.bytes)),
                line.source == source
            else { continue }
            known[line.key] = line.value
        }
    }

    /// The value of each key, in order.
    ///
    /// - Parameters:
    ///   - order: in which order they are made; all places of `keys`.
    ///   - chunk: values made between two writes.
    ///   - make: values for some places of `keys`, in the order of these.
    ///   - progress: values there are so far.
    func values(
        for keys: [String], order: [Int], chunk: Int = 512, make: ([Int]) throws -> [Value],
        progress: (Int) -> Void
    ) throws -> [Value] {
        var waiting: Set<String> = []
        let missing = order.filter { known[keys[$0]] == nil && waiting.insert(keys[$0]).inserted }
        for start in stride(from: 0, to: missing.count, by: chunk) {
            let part = Array(missing[start..<min(start + chunk, missing.count)])
            for (place, value) in zip(part, try make(part)) {
                try writer.append(Line(source: source, key: keys[place], value: value))
                known[keys[place]] = value
            }
            try writer.flush()
            progress(keys.count - missing.count + start + part.count)
        }
        return keys.compactMap { known[$0] }
    }
}
