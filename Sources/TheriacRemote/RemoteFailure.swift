internal import TheriacOptions

/// Why a server gave nothing. Messages say what to do; they hold no text of a prompt, of an answer or of a key, and not
/// the server's own words, which may quote all three.
public enum RemoteFailure: Error, Equatable, CustomStringConvertible {
    // The address and the key.
    case badAddress(String)
    case badKey(variable: String)
    case badAuthority(String)
    case unreachable(server: String, reason: String)
    case untrusted(server: String)
    case redirected(server: String)
    case wrongPath(server: String, route: String)
    case notCompatible(server: String)
    case noModelList(server: String, status: Int)
    case wantsKey(server: String, variable: String, wasGiven: Bool)
    case unknownModel(String, server: String, known: [String])
    case modelToChoose(server: String, known: [String])
    // One request.
    case timedOut(server: String, seconds: Double)
    case overloaded(server: String, status: Int, attempts: Int)
    case asksToWait(server: String, seconds: Double, limit: Double)
    case quotaSpent(server: String)
    case refused(status: Int, hint: String)
    case tooLarge(bytes: Int)
    case damaged(String)
    case withheld(Int, of: Int)
    // The whole work.
    case noLogProbabilities(server: String, reason: String)
    case stopped(server: String, failures: Int, last: String)

    public var description: String {
        switch self {
        case .badAddress(let reason):
            "The server's address cannot be used: \(reason). Write http://host:port/v1#model-name; a key goes into an "
                + "environment variable."
        case .badKey(let variable):
            "The environment variable \(variable) holds blanks, line ends or letters that no key has. Set it to the key "
                + "alone."
        case .badAuthority(let file):
            "The file \(file) holds no certificate in PEM form. Name the certificate of your authority."
        case .unreachable(let server, let reason):
            "No server answers at \(server) (\(reason)). Is it started, and are host and port right?"
        case .untrusted(let server):
            "\(server) shows a certificate that is not trusted, or speaks no TLS. Name the authority's certificate "
                + "(certificate-authority), or correct http and https."
        case .redirected(let server):
            "\(server) sends elsewhere (a redirection). Give the address it sends to: a key is not carried along."
        case .wrongPath(let server, let route):
            "\(server) answers, but has no \(route) there. The address of such a server usually ends in /v1."
        case .notCompatible(let server):
            "What answers at \(server) does not speak the OpenAI protocol. Are host, port and path right?"
        case .noModelList(let server, let status):
            "\(server) cannot list its models (status \(status)). If you know the model's name, go without the list: "
                + "check-model=false."
        case .wantsKey(let server, let variable, let wasGiven):
            wasGiven
                ? "\(server) refuses the key in \(variable). Is it the right one, and valid for this model?"
                : "\(server) wants a key. Put it into the environment variable \(variable), or name another variable."
        case .unknownModel(let name, let server, let known):
            "\(server) has no model '\(name)'. It has: \(Self.list(known))."
                + (nearestName(to: name, among: known).map { " Did you mean '\($0)'?" } ?? "")
        case .modelToChoose(let server, let known):
            known.isEmpty
                ? "\(server) lists no model. Name one behind a #: \(server)#name."
                : "\(server) has several models. Name one behind a #: \(Self.list(known))."
        case .timedOut(let server, let seconds):
            "\(server) gave no answer within \(Self.number(seconds)) s. Raise the time-out, or ask for less at a time."
        case .overloaded(let server, let status, let attempts):
            [408, 429, 503].contains(status)
                ? "\(server) was too busy for \(attempts) tries (status \(status)). Try again later, or lower the concurrency."
                : "\(server) failed \(attempts) times (status \(status)). Its own log says why."
        case .asksToWait(let server, let seconds, let limit):
            "\(server) asks to wait \(Self.number(seconds)) s, which is more than the \(Self.number(limit)) s allowed "
                + "(longest-wait). Start again later; what is done is kept."
        case .quotaSpent(let server):
            "\(server) says that the quota of this key is spent. Start again when there is more; what is done is kept."
        case .refused(let status, let hint):
            "The server refused the request with status \(status)\(hint.isEmpty ? "" : ": \(hint)")."
        case .tooLarge(let bytes):
            "The server's answer is larger than \(bytes >> 20) MiB and was not read."
        case .damaged(let reason):
            "The server's answer cannot be used: \(reason)."
        case .withheld(let count, let all):
            "The server withheld \(count) of \(all) texts (content filter), so this prompt has no complete set."
        case .noLogProbabilities(let server, let reason):
            "\(server) does not say how likely a given text is (\(reason)). vLLM and servers like it do, on /completions "
                + "with echo and logprobs; or measure under a local model."
        case .stopped(let server, let failures, let last):
            "\(server) stopped answering: \(failures) prompts failed in a row. \(last) Start the same command again to go "
                + "on; what is done is kept."
        }
    }

    /// Whether no other request can go better.
    var concernsAll: Bool {
        switch self {
        case .badAddress, .badKey, .badAuthority, .untrusted, .redirected, .wrongPath, .notCompatible,
            .noModelList,
            .wantsKey,
            .unknownModel, .modelToChoose, .quotaSpent, .asksToWait, .noLogProbabilities, .stopped:
            true
        default: false
        }
    }

    /// Whether the server, and not the request, is at fault: many of these in a row mean that it is gone.
    var isOutage: Bool {
        switch self {
        case .unreachable, .timedOut, .overloaded: true
        default: false
        }
    }

    /// Names a server has, cut to what a message can hold and a terminal can show.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).map { name in
            String(
                String.UnicodeScalarView(name.unicodeScalars.filter { $0.properties.isPrintable }).prefix(100)
            )
        }
        let more = names.count - shown.count
        return names.isEmpty ? "none" : shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func number(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e9 ? "\(Int(seconds))" : "\(seconds)"
    }
}

extension Unicode.Scalar.Properties {
    /// Neither a control character nor one that turns the direction of a line.
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }
}
