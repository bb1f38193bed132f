/// Why a server that requests are sent on to gave no usable answer. The sentences are for whoever asked: they hold no
/// address, no key and no text.
public enum UpstreamFailure: Error, Equatable, CustomStringConvertible {
    case unreachable(reason: String)
    case untrusted
    case timedOut(seconds: Double)
    /// Nothing came for so long, in the middle of an answer.
    case silent(seconds: Double)
    /// The connection ended before the answer did.
    case brokenOff
    case tooLarge(bytes: Int)
    /// It answers, and not in the protocol.
    case damaged(String)
    case failed(status: Int)
    case busy(retryAfter: Double?)
    /// It does not take the key that this server shows it.
    case refusesKey
    case redirected
    /// Whoever asked has gone.
    case cancelled

    public var description: String {
        switch self {
        case .unreachable(let reason):
            "The model's server behind this one does not answer (\(reason)). Try again later, or tell the operator."
        case .untrusted:
            "The model's server behind this one shows a certificate that is not trusted. Tell the operator."
        case .timedOut(let seconds):
            "The model's server behind this one gave no answer within \(Self.number(seconds)) s. Ask for less at a time, or "
                + "for a stream."
        case .silent(let seconds):
            "The model's server behind this one fell silent in the middle of its answer for \(Self.number(seconds)) s."
        case .brokenOff:
            "The model's server behind this one ended the connection before its answer was complete."
        case .tooLarge(let bytes):
            "The answer of the model's server behind this one is larger than \(bytes) bytes."
        case .damaged(let reason):
            "The answer of the model's server behind this one cannot be read (\(reason)), so that it cannot be judged."
        case .failed(let status):
            "The model's server behind this one failed with status \(status). Its own log says why."
        case .busy:
            "The model's server behind this one is too busy. Try again later."
        case .refusesKey:
            "The model's server behind this one refuses this server's key. Tell the operator."
        case .redirected:
            "The model's server behind this one sends elsewhere, which is not followed. Tell the operator."
        case .cancelled:
            "The request was given up."
        }
    }

    /// Whether it cannot have begun to answer: then the same request may be sent again, whatever it asks for.
    var isBeforeSending: Bool {
        if case .unreachable = self { true } else { false }
    }

    /// Whether a request that changes nothing may go better when it is sent again.
    var isOutage: Bool {
        switch self {
        case .unreachable, .timedOut, .silent, .brokenOff: true
        default: false
        }
    }

    private static func number(_ seconds: Double) -> String {
        seconds == seconds.rounded() && seconds < 1e9 ? "\(Int(seconds))" : "\(seconds)"
    }
}
