internal import TheriacGeneration
internal import TheriacModels
internal import TheriacTensors

/// Sums of the finished hidden states of what rows have read, for means over whole texts.
///
/// Each step adds the newest token's. Where tokens were taken back, the sums of those that stay are still there.
struct HiddenSums {
    /// Over a prompt without its last token.
    private var prompts: [Int: [Float]] = [:]
    /// Over the prompt and 0, 1, 2, … written tokens.
    private var rows: [Int: [[Float]]] = [:]

    /// Takes in what the session has just read.
    mutating func read(_ state: GenerationState, _ session: ModelSession) throws {
        let live = Set(state.rows.map(\.id))
        rows = rows.filter { live.contains($0.key) }
        prompts = prompts.filter { state.prompts[$0.key] != nil }
        let model = session.loaded.model
        let width = model.shape.width
        let newest = try session.hidden().floats()
        for (place, row) in state.rows.enumerated() {
            let written = row.written.count
            var known = Array((rows[row.id] ?? []).prefix(written))
            if known.count < written || prompts[row.prompt] == nil {
                let prompt = state.prompt(of: row)
                let sums = try Self.running(prompt + row.written.dropLast(), model)
                let zero = [Float](repeating: 0, count: width)
                prompts[row.prompt] = prompt.count < 2 ? zero : sums[prompt.count - 2]
                known = written == 0 ? [] : Array(sums[(prompt.count - 1)...])
            }
            let before = known.last ?? prompts[row.prompt] ?? []
            known.append((0..<width).map { before[$0] + newest[place * width + $0] })
            rows[row.id] = known
        }
    }

    /// Over all but the last token of a row: `[width]`.
    func before(_ row: GenerationState.Row) -> [Float] {
        row.written.isEmpty ? prompts[row.prompt] ?? [] : rows[row.id]?[row.written.count - 1] ?? []
    }

    /// Over the first token, the first two, …
    private static func running(_ tokens: [Int32], _ model: any CausalLanguageModel) throws -> [[Float]] {
        var sums: [[Float]] = []
        try WholeTexts.states(of: [tokens], in: model) { _, states in
            let width = states.size(1)
            let values = try states.floats()
            for place in tokens.indices {
                let own = values[place * width..<(place + 1) * width]
                sums.append(sums.last.map { zip($0, own).map { $0 + $1 } } ?? Array(own))
            }
        }
        return sums
    }
}
