internal import Foundation

/// The most memory this process has held, in bytes; 0 where the system does not say.
func peakMemoryBytes() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
            Int($0)
        })
    else { return 0 }
    return kilobytes * 1024
}
