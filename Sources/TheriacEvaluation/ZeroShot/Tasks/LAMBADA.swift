/// LAMBADA in the OpenAI variant: the last word of a passage that only the whole passage gives away.
public struct LAMBADA: ZeroShotTask {
    public let card = TaskCard(
        name: "lambada_openai", group: "lambada", file: "zero-shot/lambada.jsonl", version: "1.0",
        reference: "Paperno et al., The LAMBADA dataset, ACL 2016; variant of Radford et al., 2019")
    public let metrics: [any TaskMetric] = [GreedyAccuracy(), TargetPerplexity()]

    public init() {}

    public func question(_ row: TaskRow) throws(TaskRow.Problem) -> TaskQuestion? {
        .continuation(of: try row.text("context"), " " + (try row.text("target")))
    }
}
