internal import Foundation
internal import TheriacFiles
internal import TheriacGeneration

/// What is known of one continuation.
protocol ContinuationEntry: Codable {
    var promptID: String { get }
    var sample: Int { get }
    /// What made the entry: a detector or a model, by its hash.
    var source: String { get }
    /// Whether it stays; one that is not settled is made again when a run goes on.
    var isSettled: Bool { get }
}

extension ContinuationEntry {
    var isSettled: Bool { true }
}

/// Entries for continuations, one JSON line each, written as they are made, so that a run that was killed makes none
/// twice. Entries of another source are left where they are and not used.
struct ContinuationLog<Entry: ContinuationEntry> {
    let file: URL
    let source: String
    /// Continuations handled between two writes.
    var chunk = 500

    /// The entry of each continuation, in order.
    ///
    /// - Parameters:
    ///   - make: entries for continuations that have none, in their order.
    ///   - progress: continuations done so far.
    func entries(
        for continuations: [Continuation], make: ([Continuation]) throws -> [Entry], progress: (Int) -> Void
    ) throws -> [Entry] {
        let writer = try JSONLinesWriter(appendingTo: file)
        var known = try kept()
        for start in stride(from: 0, to: continuations.count, by: chunk) {
            let end = min(start + chunk, continuations.count)
            let missing = continuations[start..<end].filter { known[key($0.promptID, $0.sample)] == nil }
            guard !missing.isEmpty else { continue }
            for entry in try make(missing) {
                try writer.append(entry)
                known[key(entry.promptID, entry.sample)] = entry
            }
            try writer.flush()
            progress(end)
        }
        return continuations.compactMap { known[key($0.promptID, $0.sample)] }
    }

    private func kept() throws -> [String: Entry] {
        var known: [String: Entry] = [:]
        let reader = try LineReader(path: file.path)
        while let line = try reader.next() {
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.bytes)),
                entry.source == source, entry.isSettled
            else { continue }
            known[key(entry.promptID, entry.sample)] = entry
        }
        return known
    }

    private func key(_ prompt: String, _ sample: Int) -> String { "\(prompt)\u{0}\(sample)" }
}
