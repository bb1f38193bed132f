public import Testing

/// Expects equal numbers within `absolute + relative · |expected|`, one by one.
///
/// A failure is reported at the caller's line: how many differ, where first, both values there, and the largest
/// difference. NaN equals NaN, and infinities equal themselves.
public func expectClose<Value: BinaryFloatingPoint>(
    _ found: [Value], _ expected: [Value], absolute: Double = 1e-6, relative: Double = 1e-6,
    _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    if let difference = closenessProblem(found, expected, absolute: absolute, relative: relative) {
        let note = comment()
        Issue.record(
            Comment(rawValue: note.isEmpty ? difference : "\(note): \(difference)"),
            sourceLocation: sourceLocation)
    }
}

/// Expects two numbers to be equal within `absolute + relative · |expected|`.
public func expectClose<Value: BinaryFloatingPoint>(
    _ found: Value, _ expected: Value, absolute: Double = 1e-6, relative: Double = 1e-6,
    _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose(
        [found], [expected], absolute: absolute, relative: relative, comment(), sourceLocation: sourceLocation
    )
}

/// What ``expectClose(_:_:absolute:relative:_:sourceLocation:)`` reports; nil when the numbers are close.
public func closenessProblem<Value: BinaryFloatingPoint>(
    _ found: [Value], _ expected: [Value], absolute: Double, relative: Double
) -> String? {
    guard found.count == expected.count else { return "\(found.count) numbers, expected \(expected.count)" }
    var first: Int?
    var count = 0
    var largest = 0.0
    for (index, pair) in zip(found, expected).enumerated() {
        let (a, b) = (Double(pair.0), Double(pair.1))
        let difference = abs(a - b)
        if a == b || (a.isNaN && b.isNaN) { continue }
        if difference <= absolute + relative * abs(b) { continue }  // false when either is not finite
        first = first ?? index
        count += 1
        largest = difference.isNaN ? .infinity : max(largest, difference)
    }
    guard let first else { return nil }
    return
        "\(count) of \(found.count) numbers differ, first at \(first): \(found[first]), expected \(expected[first]); "
        + "largest difference \(largest) (absolute \(absolute), relative \(relative))"
}

/// The largest absolute difference; infinite when the counts differ or something is not finite in one of them only.
public func largestDifference<Value: BinaryFloatingPoint>(_ a: [Value], _ b: [Value]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
        let difference = pair.0 == pair.1 ? 0 : abs(Double(pair.0) - Double(pair.1))
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}
