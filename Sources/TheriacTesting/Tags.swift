internal import Foundation
public import Testing

extension Tag {
    /// Compares with the Python package that defines the behaviour.
    @Tag public static var parity: Self
    /// Takes seconds to minutes; runs when THERIAC_SLOW_TESTS is 1.
    @Tag public static var slow: Self
}

/// Whether tests that take long shall run.
public enum SlowTests {
    public static let areOn = ProcessInfo.processInfo.environment["THERIAC_SLOW_TESTS"] == "1"
    public static let reason: Comment = "Slow; set THERIAC_SLOW_TESTS=1 to run it."
}
