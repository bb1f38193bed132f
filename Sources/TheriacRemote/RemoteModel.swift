public import Foundation
internal import NIOCore
internal import Synchronization
internal import TheriacFiles

/// A model behind a server that speaks the OpenAI protocol: vLLM, llama.cpp, and others.
///
/// One request at a time a call; calls may run side by side. Failed requests are sent again as ``RetryPolicy`` says.
/// Source: interfaces reference 2.1, 2.3 to 2.5.
public final class RemoteModel: Sendable {
    public let address: RemoteAddress
    public let settings: RemoteSettings
    private let transport: HTTPTransport
    private let policy: RetryPolicy
    private let hasKey: Bool
    /// The most samples the server was seen to give at once.
    private let samplesAtOnce: Mutex<Int>

    /// Makes a client; nothing is sent yet.
    ///
    /// - Parameter environment: where the key is looked up.
    public init(
        _ address: RemoteAddress, settings: RemoteSettings = RemoteSettings(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(RemoteFailure) {
        let key = try RemoteKey(variable: settings.keyVariable, in: environment)
        self.address = address
        self.settings = settings
        hasKey = key != nil
        policy = RetryPolicy(settings)
        transport = try HTTPTransport(address.server, settings: settings, key: key)
        samplesAtOnce = Mutex(settings.samplesPerRequest)
    }

    /// Continues or answers one prompt, with one request.
    ///
    /// - Returns: at least one choice and at most as many as were asked for.
    public func complete(_ request: CompletionRequest) throws(RemoteFailure) -> CompletionAnswer {
        try complete(request, isProbe: false)
    }

    /// - Parameter isProbe: whether the answer is only to tell that there is one.
    func complete(_ request: CompletionRequest, isProbe: Bool) throws(RemoteFailure) -> CompletionAnswer {
        guard settings.endpoint == .completions || !request.echo else {
            throw .noLogProbabilities(server: address.server, reason: "a chat has no echo")
        }
        guard let body = try? request.body(model: address.model, settings) else {
            throw .damaged("the request has no JSON form")
        }
        let endpoint = settings.endpoint
        var answer = try send(endpoint.route, body: body, isProbe: isProbe) {
            value throws(RemoteFailure) in try CompletionAnswer(value, endpoint: endpoint)
        }
        if answer.choices.count > request.samples {
            answer.choices.removeLast(answer.choices.count - request.samples)
        }
        return answer
    }

    /// `samples` continuations of a prompt, with as many requests as the server needs for them.
    ///
    /// A server that gives fewer than asked is asked for the rest, and for no more at once from then on. The seed of a
    /// request follows from seed, id and the number of its first sample, so that texts of two requests differ.
    ///
    /// - Returns: the choices in order, and the tokens written, 0 where nobody counted.
    public func samples(
        of request: CompletionRequest, id: String, seed: UInt64
    ) throws(RemoteFailure) -> (choices: [CompletionAnswer.Choice], tokens: Int) {
        var choices: [CompletionAnswer.Choice] = []
        var tokens = 0
        while choices.count < request.samples {
            var part = request
            part.samples = min(request.samples - choices.count, samplesAtOnce.withLock { $0 })
            part.seed = Self.seed(seed, id: id, sample: choices.count)
            let answer = try complete(part)
            choices += answer.choices
            tokens += answer.newTokens ?? 0
            if answer.choices.count < part.samples {
                samplesAtOnce.withLock { $0 = min($0, answer.choices.count) }
            }
        }
        return (choices, tokens)
    }

    /// 31 bits, which every server takes.
    static func seed(_ seed: UInt64, id: String, sample: Int) -> Int {
        let digest = sha256(of: Data("\(seed) \(sample) \(id)".utf8))
        return Int(digest.prefix(8), radix: 16).map { $0 & 0x7FFF_FFFF } ?? 0
    }

    /// Names of the models the server has.
    ///
    /// Two tries at most, and one for connections: who asks wants to know now.
    public func models() throws(RemoteFailure) -> [String] {
        let server = address.server
        do {
            return try send("/models", body: nil, isProbe: true) { value throws(RemoteFailure) in
                guard let list = value["data"]?.elements else { throw .notCompatible(server: server) }
                return list.compactMap { $0["id"]?.text }
            }
        } catch .overloaded(_, let status, _) where status >= 500 {
            throw .noModelList(server: server, status: status)
        }
    }

    // MARK: Sending

    private func send<Result>(
        _ route: String, body: Data?, isProbe: Bool = false,
        read: (JSONValue) throws(RemoteFailure) -> Result
    ) throws(RemoteFailure) -> Result {
        var attempt = 1
        while true {
            let failed: Failed
            do {
                return try once(route, body: body, isProbe: isProbe, attempt: attempt, read: read)
            } catch {
                failed = error
            }
            let tries = isProbe ? min(policy.attempts, failed.isConnection ? 1 : 2) : policy.attempts
            guard failed.isTransient, attempt < tries else {
                throw failed.failure
            }
            if let wish = failed.wish, wish > policy.longestWait {
                throw .asksToWait(server: address.server, seconds: wish, limit: policy.longestWait)
            }
            let wait = policy.wait(after: attempt, uniform: Double.random(in: 0..<1))
            Thread.sleep(forTimeInterval: max(wait, failed.wish ?? 0))
            attempt += 1
        }
    }

    /// One attempt that gave nothing.
    private struct Failed: Error {
        var failure: RemoteFailure
        var isTransient: Bool
        var isConnection = false
        var wish: Double?
    }

    private func once<Result>(
        _ route: String, body: Data?, isProbe: Bool, attempt: Int,
        read: (JSONValue) throws(RemoteFailure) -> Result
    ) throws(Failed) -> Result {
        let answer: HTTPTransport.Answer
        do {
            // A list is quick; a first token may wait for the model to load.
            answer = try transport.send(
                route, body: body, timeout: isProbe && body == nil ? min(settings.timeout, 30) : nil)
        } catch {
            throw Failed(failure: error, isTransient: error.isOutage, isConnection: true)
        }
        let value = answer.body.withUnsafeReadableBytes { try? JSONScanner.value(in: $0) }
        guard answer.status == 200 else {
            let refusal = ServerRefusal(
                status: answer.status, headers: answer.headers, body: value, route: route, address: address,
                variable: settings.keyVariable, hasKey: hasKey, attempts: attempt)
            throw Failed(failure: refusal.failure, isTransient: refusal.isTransient, wish: refusal.wish)
        }
        guard let value else {
            let failure =
                isProbe
                ? RemoteFailure.notCompatible(server: address.server) : .damaged("it is not whole JSON")
            throw Failed(failure: failure, isTransient: true)
        }
        do { return try read(value) } catch {
            throw Failed(failure: error, isTransient: error == .damaged("the server broke off a text"))
        }
    }
}
