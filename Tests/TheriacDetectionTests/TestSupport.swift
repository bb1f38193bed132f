import Foundation
import Testing

@testable import TheriacDetection

/// A seeded generator for property tests.
struct TestRandom: RandomNumberGenerator {
    private var inner: SplitMix

    init(seed: UInt64) { inner = SplitMix(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 1) }

    mutating func next() -> UInt64 { inner.next() }
}

/// Places the tests read from.
enum Place {
    /// The folder with Package.swift.
    static let package: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) { break }
        }
        return folder
    }()

    /// The shared data pack; nil where it is not there.
    static let data: URL? = {
        let shared =
            ProcessInfo.processInfo.environment["THERIAC_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? package.deletingLastPathComponent().appending(path: "shared")
        let data = shared.appending(path: "data")
        return FileManager.default.fileExists(atPath: data.path) ? data : nil
    }()

    /// A bundled detector; nil where it has not been made.
    static func detector(_ name: String) -> URL? {
        let folder = package.appending(path: "Assets/detectors/\(name)")
        return FileManager.default.fileExists(atPath: folder.appending(path: "detector.json").path)
            ? folder : nil
    }

    /// Runs `body` with an empty folder that is removed afterwards.
    static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "theriac-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

/// The words that the scanner finds.
func scannedWords(_ text: String) -> [String] {
    struct Gatherer: WordSink {
        var words: [String] = []
        mutating func take(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
            words.append(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        }
    }
    var gatherer = Gatherer()
    text.withUTF8Bytes { WordScanner.scan($0, into: &gatherer) }
    return gatherer.words
}

/// Weights of a small table filled at random.
func randomWeights(seed: UInt64, features: FeatureSettings) -> LinearWeights {
    var random = TestRandom(seed: seed)
    var table = FeatureTable(bits: features.hashBits)
    // Filled so that about one feature in eight is known: all fingerprints of a slot are equally likely.
    for slot in 0..<(1 << features.hashBits) {
        let weights = (0..<FeatureTable.heads).map { _ in Int8.random(in: -127...127, using: &random) }
        table.set(slot: slot, fingerprint: UInt8.random(in: 1...255, using: &random), weights: weights)
    }
    return LinearWeights(
        features: features, table: table,
        scale: (0..<FeatureTable.heads).map { 0.001 * Double($0 + 1) },
        offset: (0..<FeatureTable.heads).map { -0.1 * Double($0) },
        calibration: (0..<FeatureTable.heads).map {
            Calibration(slope: 1 + 0.1 * Double($0), intercept: -0.2)
        })
}

extension FeatureSettings {
    /// Default features in a table of 4,096 slots.
    static var small: FeatureSettings {
        var settings = FeatureSettings()
        settings.hashBits = 12
        return settings
    }
}
