internal import HTTPTypes
internal import TheriacDetection

extension Route {
    /// Many calls in one body. Texts of all parts are scored together; each part counts against the quota. A batch has the
    /// time of a request for texts, or of as many requests as its parts fill batches; parts not done by then are refused.
    static let batch = Route(
        name: "batch", method: .post, paths: ["/batch", "/batch/commentanalyzer/v1alpha1"], dialect: .google,
        body: .batch
    ) { request, scope in
        guard let boundary = MultipartMixed.boundary(request.headers[.contentType]) else {
            throw PerspectiveError.payload("The Content-Type must be multipart/mixed with a boundary.")
        }
        let most = scope.settings.limits.batchParts
        guard let parts = MultipartMixed.parts(request.body, boundary: boundary, most: most) else {
            throw PerspectiveError.payload("The batch has no closing boundary, or more than \(most) parts.")
        }
        var answers = [ServerResponse?](repeating: nil, count: parts.count)
        var jobs: [(part: Int, job: AnalyzeJob)] = []
        var partScope = scope
        let fills = max(1, (parts.count + scope.settings.batching.texts - 1) / scope.settings.batching.texts)
        let deadline =
            ContinuousClock.now
            + max(
                scope.services.generation?.settings.deadline ?? .zero, scope.settings.limits.deadline * fills)
        partScope.batchDeadline = deadline
        for (place, part) in parts.enumerated() {
            guard var inner = part.request else {
                answers[place] = Dialect.google.response(
                    for: PerspectiveError.payload("A part holds no request."))
                continue
            }
            inner.outer = request.headers
            do {
                guard let route = scope.routes.route(inner.method, inner.path), route.body != .batch else {
                    throw ServerError.notFound
                }
                if route.name == Route.analyze.name {
                    jobs.append((place, try AnalyzeJob(inner, scope)))
                } else {
                    answers[place] = try await partScope.respond(to: inner, route)
                }
            } catch {
                answers[place] = Dialect.google.response(for: error, pretty: inner.isPretty)
            }
        }
        for (place, answer) in await scope.answers(to: jobs, before: deadline) { answers[place] = answer }
        let mark = "batch_\(scope.requestID)"
        var body: [UInt8] = []
        for (part, answer) in zip(parts, answers) {
            let answer = answer ?? Dialect.google.response(for: ServerError.failed)
            MultipartMixed.append(answer, id: part.id, boundary: mark, to: &body)
        }
        body += "--\(mark)--\r\n".utf8
        return ServerResponse(contentType: "multipart/mixed; boundary=\(mark)", body: body)
    }
}

extension RequestScope {
    /// Answers a part that is no comment to be analyzed. Its errors are in the words of its own route.
    fileprivate func respond(to part: ServerRequest, _ route: Route) async throws -> ServerResponse {
        do {
            guard batchDeadline ?? .now > .now else { throw ServerError.deadlineExceeded }
            let answer = try await route.respond(part, self)
            // A stream that nobody reads ends what it was to show.
            if answer.stream != nil { throw OpenAIError.streamInBatch }
            return answer
        } catch {
            return route.dialect.response(for: error, pretty: part.isPretty)
        }
    }

    /// Answers jobs, each detector scoring the texts of all, so many in a call as batches have: between two calls others have
    /// their turn.
    fileprivate func answers(
        to jobs: [(part: Int, job: AnalyzeJob)], before deadline: ContinuousClock.Instant
    ) async -> [(part: Int, answer: ServerResponse)] {
        let start = ContinuousClock.now
        var verdicts = jobs.map { [[Verdict]?](repeating: nil, count: $0.job.detectors.count) }
        var failure: (any Error)?
        for detector in catalog.detectors {
            var texts: [String] = []
            var places: [(job: Int, detector: Int, texts: Range<Int>)] = []
            for (index, entry) in jobs.enumerated() {
                guard let place = entry.job.detectors.firstIndex(where: { $0 === detector }) else { continue }
                places.append((index, place, texts.count..<texts.count + entry.job.texts.count))
                texts += entry.job.texts
            }
            var found: [Verdict] = []
            do {
                while found.count < texts.count {
                    guard deadline > .now else { throw ServerError.deadlineExceeded }
                    let next = texts[found.count...].prefix(settings.batching.texts)
                    found += try await detector.verdicts(for: Array(next), self)
                    await Task.yield()
                }
            } catch {
                failure = error
            }
            for place in places where place.texts.upperBound <= found.count {
                verdicts[place.job][place.detector] = Array(found[place.texts])
            }
        }
        return zip(jobs, verdicts).map { entry, verdicts in
            do {
                let complete = try verdicts.map { verdicts in
                    guard let verdicts else { throw failure ?? ServerError.failed }
                    return verdicts
                }
                return (entry.part, try answer(entry.job, complete, since: start))
            } catch {
                return (entry.part, Dialect.google.response(for: error))
            }
        }
    }
}
