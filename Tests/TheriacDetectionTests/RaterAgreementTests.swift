import Testing
import TheriacDetection
import TheriacTesting

@Suite struct RaterAgreementTests {
    @Test func cohenOfTheWorkedExample() throws {
        let first = [Bool](repeating: true, count: 25) + [Bool](repeating: false, count: 25)
        let second =
            [Bool](repeating: true, count: 20) + [Bool](repeating: false, count: 5)
            + [Bool](repeating: true, count: 10) + [Bool](repeating: false, count: 15)
        expectClose(try RaterAgreement.cohen(first, second), 0.4, absolute: 1e-12)
        #expect(throws: DetectionError.self) { try RaterAgreement.cohen([true], [true]) }
        #expect(throws: DetectionError.self) { try RaterAgreement.cohen([true], []) }
    }

    @Test func fleissOfTheWorkedExample() throws {
        expectClose(
            try RaterAgreement.fleiss(counts: [[3, 0], [2, 1], [0, 3], [1, 2]]), 1.0 / 3, absolute: 1e-12)
        #expect(throws: DetectionError.self) { try RaterAgreement.fleiss(counts: [[3, 0], [2, 0]]) }
    }

    @Test func krippendorffOfTheWorkedExample() throws {
        let units: [[Double]] = [[1, 1, 1], [1, 0], [0, 0, 0], [0, 1, 0], [1]]
        expectClose(try RaterAgreement.krippendorff(units: units), 1.0 / 3, absolute: 1e-12)
        // With values 0 and 1 the squared difference is the nominal distance.
        expectClose(
            try RaterAgreement.krippendorff(units: units, distance: .interval), 1.0 / 3, absolute: 1e-12)
        #expect(throws: DetectionError.self) { try RaterAgreement.krippendorff(units: [[1], [0]]) }
        #expect(throws: DetectionError.self) { try RaterAgreement.krippendorff(units: [[1, 1], [1, 1]]) }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func krippendorffIsTheSumOverPairs(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let units = (0..<12).map { _ in
            (0..<Int.random(in: 2...4, using: &random)).map { _ in
                Double(Int.random(in: 0...4, using: &random))
            }
        }
        for (name, distance) in [("nominal", RaterAgreement.Distance.nominal), ("interval", .interval)] {
            func apart(_ one: Double, _ other: Double) -> Double {
                name == "nominal" ? (one == other ? 0 : 1) : (one - other) * (one - other)
            }
            let values = units.flatMap { $0 }
            let n = Double(values.count)
            var (observed, expected) = (0.0, 0.0)
            for unit in units {
                for one in unit {
                    for other in unit { observed += apart(one, other) / Double(unit.count - 1) }
                }
            }
            for one in values { for other in values { expected += apart(one, other) / (n - 1) } }
            expectClose(
                try RaterAgreement.krippendorff(units: units, distance: distance), 1 - observed / expected,
                absolute: 1e-9, name)
        }
    }
}
