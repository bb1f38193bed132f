public import Foundation
internal import TheriacFiles
internal import TheriacModels
internal import TheriacTensors

/// A generation that goes on where it was killed: continuations are appended to a file as they are made.
///
/// Beside the file stands its identity (`FILE.run.json`), so that continuations of two different runs never mix.
public struct GenerationRun {
    /// What a run did in this call.
    public struct Outcome: Sendable, Equatable {
        /// New tokens written by this call, and the seconds it took.
        public var tokens = 0
        public var seconds = 0.0
        /// Prompts that cannot be continued, with the reason.
        public var refused: [(id: String, reason: String)] = []

        public static func == (a: Outcome, b: Outcome) -> Bool {
            a.tokens == b.tokens && a.seconds == b.seconds && a.refused.map(\.id) == b.refused.map(\.id)
        }
    }

    private let output: URL
    private let settings: GenerationSettings
    /// Everything that must be equal for a file to be continued.
    private let identity: String

    public init(output: URL, settings: GenerationSettings, identity: String) {
        self.output = output
        self.settings = settings
        self.identity = identity
    }

    /// Continues every prompt that has not all its samples yet.
    ///
    /// - Parameter progress: prompts done and in all.
    public func run(
        _ generator: inout TextGenerator, prompts: [(id: String, text: String)],
        progress: (_ done: Int, _ total: Int, _ tokensPerSecond: Double) -> Void = { _, _, _ in }
    ) throws -> Outcome {
        try checkIdentity()
        var done = try keepCompletePrompts()
        let writer = try JSONLinesWriter(appendingTo: output)
        var outcome = Outcome()
        let waiting = prompts.filter { !done.contains($0.id) }
        var ready: [(id: String, tokens: [Int32])] = []
        for (prompt, text) in zip(waiting, try generator.edited(waiting.map(\.text))) {
            do {
                ready.append((prompt.id, try generator.tokens(of: text)))
            } catch let error as GenerationError {
                outcome.refused.append((prompt.id, error.description))
            }
        }
        let start = DispatchTime.now().uptimeNanoseconds
        try generator.continuations(of: ready) { place, continuations in
            outcome.tokens += continuations.reduce(0) { $0 + $1.tokens.count }
            outcome.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            for continuation in continuations { try writer.append(continuation) }
            try writer.flush()
            done.insert(ready[place].id)
            progress(
                done.count + outcome.refused.count, prompts.count,
                Double(outcome.tokens) / max(outcome.seconds, 1e-9))
        }
        return outcome
    }

    /// All continuations in the file.
    public static func continuations(in file: URL) throws -> [Continuation] {
        let reader = try LineReader(path: file.path)
        var result: [Continuation] = []
        let decoder = JSONDecoder()
        while let line = try reader.next() {
            do {
                result.append(try decoder.decode(Continuation.self, from: Data(line.bytes)))
            } catch {
                throw GenerationRunError.damagedLine(file: file.lastPathComponent, line: line.number)
            }
        }
        return result
    }

    private func checkIdentity() throws {
        let url = output.appendingPathExtension("run.json")
        let stated = Stated(identity: identity)
        if FileManager.default.fileExists(atPath: output.path) {
            guard let data = FileManager.default.contents(atPath: url.path),
                let found = try? JSONDecoder().decode(Stated.self, from: data), found == stated
            else { throw GenerationRunError.otherRun(output.path) }
            return
        }
        try FileManager.default.createDirectory(
            at: output.deletingLastPathComponent(), withIntermediateDirectories: true)
        try AtomicFile.write(JSONEncoder().encode(stated), to: url)
    }

    /// Drops what a kill left unfinished, and returns the prompts that have all their samples.
    private func keepCompletePrompts() throws -> Set<String> {
        guard FileManager.default.fileExists(atPath: output.path) else { return [] }
        _ = try JSONLinesWriter(appendingTo: output)  // cuts a torn last line
        let found = try Self.continuations(in: output)
        let counts = Dictionary(grouping: found, by: \.promptID).mapValues { Set($0.map(\.sample)).count }
        let complete = Set(counts.filter { $0.value == settings.samples }.keys)
        if complete.count < counts.count {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]  // as the writer has them
            var kept = Data()
            for continuation in found where complete.contains(continuation.promptID) {
                kept.append(try encoder.encode(continuation))
                kept.append(0x0A)
            }
            try AtomicFile.write(kept, to: output)
        }
        return complete
    }

    private struct Stated: Codable, Equatable {
        var identity: String
    }
}

public enum GenerationRunError: Error, Equatable, CustomStringConvertible {
    case otherRun(String)
    case damagedLine(file: String, line: Int)

    public var description: String {
        switch self {
        case .otherRun(let file):
            "\(file) holds continuations of another run (other model, prompts, methods or settings). Choose another "
                + "output, or remove it."
        case .damagedLine(let file, let line):
            "\(file), line \(line), is not a continuation. Remove the line, or the file, and start again."
        }
    }
}
