internal import Dispatch

/// Splits `0..<count` over `threads` and returns the results in order.
func concurrentRows<Element>(_ count: Int, threads: Int, _ body: (Range<Int>) -> [Element]) -> [Element] {
    let parts = min(threads, max(1, count / 8))
    if parts <= 1 { return body(0..<count) }
    let bounds = (0...parts).map { count * $0 / parts }
    var results = [[Element]](repeating: [], count: parts)
    results.withUnsafeMutableBufferPointer { results in
        // Each iteration writes its own element and reads what no one writes, so sharing is safe.
        nonisolated(unsafe) let results = results
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            results[part] = body(bounds[part]..<bounds[part + 1])
        }
    }
    return results.flatMap { $0 }
}
