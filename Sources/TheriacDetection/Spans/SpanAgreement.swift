/// How well predicted spans of one text agree with those of raters, counted in characters (Unicode scalars).
public struct SpanAgreement: Sendable, Equatable {
    /// Characters in both, in the predicted spans, and in the raters'.
    public var shared: Int
    public var predicted: Int
    public var marked: Int

    /// Spans may be in any order and may overlap: a character counts once.
    public init(predicted: [Range<Int>], marked: [Range<Int>]) {
        let (ours, theirs) = (SpanRepair.merged(predicted), SpanRepair.merged(marked))
        self.predicted = ours.reduce(0) { $0 + $1.count }
        self.marked = theirs.reduce(0) { $0 + $1.count }
        shared = 0
        var (one, other) = (0, 0)
        while one < ours.count && other < theirs.count {
            shared += ours[one].clamped(to: theirs[other]).count
            if ours[one].upperBound <= theirs[other].upperBound { one += 1 } else { other += 1 }
        }
    }

    /// 2·shared / (predicted + marked). A text without marked characters gets 1 when nothing is predicted, else 0.
    /// 0...1, higher is better.
    ///
    /// Example: characters 3–6 predicted where 4–8 are marked give 6/9 = 0.6667.
    ///
    /// Source: the evaluation script of SemEval-2021 Task 5.
    public var f1: Double {
        guard marked > 0 else { return predicted == 0 ? 1 : 0 }
        return 2 * Double(shared) / Double(predicted + marked)
    }

    /// Share of the predicted characters that are marked; nil when nothing is predicted.
    public var precision: Double? { predicted > 0 ? Double(shared) / Double(predicted) : nil }

    /// Share of the marked characters that are predicted; nil when nothing is marked.
    public var recall: Double? { marked > 0 ? Double(shared) / Double(marked) : nil }
}
