internal import Foundation
internal import TheriacDetection
internal import TheriacGeneration

/// One choice of an answer.
struct WrittenChoice {
    var index: Int
    var prompt: Int
    var done: DecodeLoop.Finished

    var text: String { done.continuation.text }
    var finish: String { done.continuation.finish.openAI }

    /// Mean log-probability of its tokens, by which the best of several are chosen.
    var rank: Float {
        let values = done.logProbabilities ?? []
        return values.reduce(0) { $0 + $1.logProbability } / Float(max(values.count, 1))
    }
}

/// What all parts of an answer have in common.
struct AnswerHead: Sendable {
    var id: String
    var object: String
    /// Unix time.
    var created = Int(Date().timeIntervalSince1970)
    var model: String

    func write(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("object", object)
        writer.member("created", created)
        writer.member("model", model)
    }
}

/// Tokens read and written.
struct TokenUsage: Sendable {
    var prompt = 0
    var completion = 0

    func write(to writer: inout JSONWriter) {
        writer.member("usage") { writer in
            writer.object { writer in
                writer.member("prompt_tokens", prompt)
                writer.member("completion_tokens", completion)
                writer.member("total_tokens", prompt + completion)
            }
        }
    }
}

extension TreatmentRecord {
    /// The `theriac` object of an answer: what was done to the texts, and by which detectors.
    func write(seed: UInt64, _ choices: [WrittenChoice], to writer: inout JSONWriter) {
        writer.member("theriac") { writer in
            writer.object { writer in
                writer.member("model", base.name)
                writer.member("revision", "sha256:\(base.revision)")
                if let adapter = model.adapter {
                    writer.member("adapter") { writer in
                        writer.object { writer in
                            writer.member("name", adapter)
                            writer.member("revision", "sha256:\(model.revision)")
                        }
                    }
                } else {
                    writer.memberNull("adapter")
                }
                writer.member("chain", chain)
                writer.member("methods") { writer in
                    writer.array { writer in
                        for method in methods {
                            writer.element { writer in
                                writer.object { writer in
                                    writer.member("name", method.name)
                                    writer.member("title", method.title)
                                }
                            }
                        }
                    }
                }
                writer.member("detectors", detectors.map { "\($0.name)@\($0.version) sha256:\($0.hash)" })
                writer.member("seed") { $0.raw("\(Int64(bitPattern: seed))") }
                writer.member("choices") { writer in
                    writer.array { writer in
                        for choice in choices { writer.element { Self.write(choice, to: &$0) } }
                    }
                }
            }
        }
    }

    private static func write(_ choice: WrittenChoice, to writer: inout JSONWriter) {
        let attempts = choice.done.continuation.attempts ?? 1
        writer.object { writer in
            writer.member("index", choice.index)
            // Texts or windows that were drawn beside the one that is given.
            writer.member("resampled", attempts - 1)
            // A method ended the text or put another in its place.
            writer.member("withheld", choice.done.continuation.finish == .stopped)
        }
    }
}
