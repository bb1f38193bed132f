/// How far back the operator looks, and how finely.
enum HistoryRange: String, CaseIterable, Encodable, Sendable {
    case hour = "1h"
    case quarter = "6h"
    case day = "24h"

    /// - Parameter text: of the address; anything unknown means an hour.
    init(_ text: String?) { self = text.flatMap(Self.init(rawValue:)) ?? .hour }

    var minutes: Int {
        switch self {
        case .hour: 60
        case .quarter: 360
        case .day: 1440
        }
    }

    /// Minutes of one bar of traffic.
    var step: Int {
        switch self {
        case .hour: 1
        case .quarter: 5
        case .day: 20
        }
    }

    /// Minutes of one column of scores.
    var scoreStep: Int {
        switch self {
        case .hour: 2
        case .quarter: 10
        case .day: 30
        }
    }

    /// Behind "in the last".
    var words: String {
        switch self {
        case .hour: "hour"
        case .quarter: "6 hours"
        case .day: "24 hours"
        }
    }
}
