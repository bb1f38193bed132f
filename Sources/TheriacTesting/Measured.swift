internal import Foundation

/// Shows a figure that a test measured, such as the largest difference from a reference, when THERIAC_SHOW_MEASURED is 1.
public func showMeasured(_ line: @autoclosure () throws -> String) rethrows {
    guard ProcessInfo.processInfo.environment["THERIAC_SHOW_MEASURED"] == "1" else { return }
    FileHandle.standardError.write(Data("measured: \(try line())\n".utf8))
}
