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

    /// Continues every prompt that has not all its samples yet. A refused prompt is not in the file, so the next run tries
    /// it again.
    ///
    /// - Parameter progress: prompts done and in all.
    public func run(
        _ source: inout some ContinuationSource, prompts: [(id: String, text: String)],
        progress: (_ done: Int, _ total: Int, _ tokensPerSecond: Double) -> Void = { _, _, _ in }
    ) throws -> Outcome {
        try checkIdentity()
        let kept = try keepCompletePrompts()
        let writer = try JSONLinesWriter(appendingTo: output)
        var outcome = Outcome()
        var done = kept.count
        var start = DispatchTime.now().uptimeNanoseconds
        try source.answer(prompts.filter { !kept.contains($0.id) }) { answers in
            outcome.seconds += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            for answer in answers {
                switch answer.outcome {
                case .written(let continuations, let tokens):
                    for continuation in continuations { try writer.append(continuation) }
                    outcome.tokens += tokens
                case .refused(let reason): outcome.refused.append((answer.promptID, reason))
                }
            }
            try writer.flush()
            done += answers.count
            progress(done, prompts.count, Double(outcome.tokens) / max(outcome.seconds, 1e-9))
            start = DispatchTime.now().uptimeNanoseconds
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
