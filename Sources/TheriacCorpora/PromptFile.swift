import TheriacFiles

/// Files of prompts: JSON lines with `prompt` as a string, as RealToxicityPrompts' object
/// `{"text", "toxicity", …}`, or as DecodingTrust's `{"text", "score": {"toxicity", …}}`; or a table with a
/// column `prompt`. Optional fields beside it are `id` and `toxicity`.
public enum PromptFile {
    /// Reads the whole file. Bad lines and ids that came before are reported, and the rest goes on.
    ///
    /// `path`: `.jsonl`, `.csv`, `.tsv`, `.txt` (one prompt a line), each also `.gz`; "-" for
    ///   standard input.
    public static func read(path: String) throws -> Reading<Prompt> {
        let rows = try RecordReader(path: path, format: nil, names: ["prompt", "id", "toxicity"])
        var reading = Reading<Prompt>()
        var lineOfID: [String: Int] = [:]
        while let row = try rows.next() {
            do throws(PromptProblem) {
                let prompt = try prompt(row)
                if let earlier = lineOfID.updateValue(row.line, forKey: prompt.id) {
                    lineOfID[prompt.id] = earlier
                    throw PromptProblem(reason: "its id is that of line \(earlier)")
                }
                reading.elements.append(prompt)
            } catch {
                reading.problems.append(LineProblem(line: row.line, reason: error.reason))
            }
        }
        return reading
    }

    private struct PromptProblem: Error {
        var reason: String
    }

    private static func prompt(_ row: RecordReader.Row) throws(PromptProblem) -> Prompt {
        if let problem = row.problem { throw PromptProblem(reason: problem) }
        guard let value = row.values[0] else { throw PromptProblem(reason: "there is no field 'prompt'") }
        guard let text = value.text ?? value["text"]?.text else {
            throw PromptProblem(reason: "its 'prompt' is neither a string nor an object with a string 'text'")
        }
        let id: String?
        do {
            id = try row.values[1]?.identifier()
        } catch {
            throw PromptProblem(reason: error.reason)
        }
        let toxicity = value["toxicity"] ?? value["score"]?["toxicity"] ?? row.values[2]
        return Prompt(id: id ?? "\(row.index)", text: text, toxicity: try score(toxicity))
    }

    /// A score from a number, from a table's cell, or nil from null, nothing and an empty cell.
    private static func score(_ value: JSONValue?) throws(PromptProblem) -> Double? {
        switch value {
        case nil, .null, .string(""): return nil
        default: break
        }
        guard let score = value?.double ?? value?.text.flatMap({ Double($0) }), (0...1).contains(score) else {
            throw PromptProblem(reason: "its toxicity is not a number in 0...1")
        }
        return score
    }
}
