/// How far a long job is, for whoever shows it.
public struct Stage: Sendable, Equatable {
    /// What is being done: `SGEAT: writing`.
    public var name: String
    public var done: Int
    public var total: Int
    /// More to say, for example a speed.
    public var remark: String

    public init(_ name: String, done: Int = 0, total: Int = 0, remark: String = "") {
        self.name = name
        self.done = done
        self.total = total
        self.remark = remark
    }
}
