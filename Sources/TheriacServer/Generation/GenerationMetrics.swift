internal import Synchronization

/// What the generation counts. `vllm:` names are those that dashboards for other servers look for.
final class GenerationMetrics: Sendable {
    private static let seconds = [
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
    ]

    let model: String
    let promptTokens = Counter()
    let generatedTokens = Counter()
    /// Prompt tokens whose log-probabilities were asked for.
    let scoredTokens = Counter()
    let firstToken = Histogram(seconds)
    let duration = Histogram(seconds)
    let rowsPerTurn = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    let finished = CounterTable()
    /// Rows being written, continuations waiting, and the share of memory taken in millionths.
    let running = Atomic<Int>(0)
    let waiting = Atomic<Int>(0)
    let memory = Atomic<Int>(0)

    init(model: String) { self.model = model }

    func write(to output: inout Exposition) {
        let label = "model=\"\(model)\""
        output.begin("theriac_tokens", "counter", "Tokens read, written, and scored in prompts.")
        for (kind, counter) in [
            ("prompt", promptTokens), ("generated", generatedTokens), ("scored", scoredTokens),
        ] {
            output.sample("theriac_tokens_total", "\(label),kind=\"\(kind)\"", counter.value)
        }
        output.begin("theriac_generation_batch_rows", "histogram", "Rows that wrote a token together.")
        output.histogram("theriac_generation_batch_rows", label, rowsPerTurn)
        let (running, waiting, memory) = (
            running.load(ordering: .relaxed), waiting.load(ordering: .relaxed),
            Double(memory.load(ordering: .relaxed)) / 1e6
        )
        output.begin("theriac_generation_rows", "gauge", "Continuations being written.")
        output.sample("theriac_generation_rows", label, running)
        output.begin("theriac_generation_queue_depth", "gauge", "Continuations that wait.")
        output.sample("theriac_generation_queue_depth", label, waiting)
        output.begin("theriac_time_to_first_token_seconds", "histogram", "From arrival to the first token.")
        output.histogram("theriac_time_to_first_token_seconds", label, firstToken)

        let theirs = "model_name=\"\(model)\",engine=\"0\""
        output.begin("vllm:num_requests_running", "gauge", "As theriac_generation_rows.")
        output.sample("vllm:num_requests_running", theirs, running)
        output.begin("vllm:num_requests_waiting", "gauge", "As theriac_generation_queue_depth.")
        output.sample("vllm:num_requests_waiting", theirs, waiting)
        output.begin("vllm:kv_cache_usage_perc", "gauge", "Share of the memory that is taken, 0 to 1.")
        output.sample("vllm:kv_cache_usage_perc", theirs, memory)
        output.begin("vllm:prompt_tokens", "counter", "Prompt tokens read.")
        output.sample("vllm:prompt_tokens_total", theirs, promptTokens.value)
        output.begin("vllm:generation_tokens", "counter", "Tokens written.")
        output.sample("vllm:generation_tokens_total", theirs, generatedTokens.value)
        output.begin("vllm:request_success", "counter", "Continuations finished.")
        for (labels, value) in finished.all {
            output.sample("vllm:request_success_total", "\(theirs),\(labels)", value)
        }
        output.begin("vllm:time_to_first_token_seconds", "histogram", "From arrival to the first token.")
        output.histogram("vllm:time_to_first_token_seconds", theirs, firstToken)
        output.begin("vllm:e2e_request_latency_seconds", "histogram", "From arrival to the last token.")
        output.histogram("vllm:e2e_request_latency_seconds", theirs, duration)
    }
}
