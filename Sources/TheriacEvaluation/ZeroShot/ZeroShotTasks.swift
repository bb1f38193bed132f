/// The table of zero-shot tasks. A new task is one file and one line here.
public enum ZeroShotTasks {
    public static let all: [any ZeroShotTask] = [
        LAMBADA(),
        HellaSwag(),
        PIQA(),
        WinoGrande(),
        BoolQ(),
        RTE(),
        CommitmentBank(),
        COPA(),
        WordInContext(),
        WinogradSuperGLUE(),
        WinogradSchemas(),
        ARC(.easy),
        ARC(.challenge),
        OpenBookQA(),
        CommonsenseQA(),
        ANLI(round: 1),
        ANLI(round: 2),
        ANLI(round: 3),
        RACE(),
        TruthfulQA(.single),
        TruthfulQA(.multiple),
        BLiMP(),
    ]

    /// The tasks of a name or of a group's name, in the table's order; none for an unknown name.
    public static func named(_ name: String) -> [any ZeroShotTask] {
        let own = all.filter { $0.card.name == name }
        return own.isEmpty ? all.filter { $0.card.group == name } : own
    }

    /// Every name that ``named(_:)`` knows.
    public static var names: [String] {
        var seen: Set<String> = []
        return all.flatMap { [$0.card.group, $0.card.name] }.filter { seen.insert($0).inserted }
    }
}
