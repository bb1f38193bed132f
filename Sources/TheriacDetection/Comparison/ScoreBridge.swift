public import TheriacOptions

/// One scorer in terms of another: maps from the first's scores to the second's, fitted on one half of the texts
/// and judged on the other.
public struct ScoreBridge: Sendable, Codable, Equatable {
    /// How near the first comes to the second, on the half that was not fitted to.
    public struct Distance: Sendable, Codable, Equatable {
        /// Expected calibration error of the first's scores for the second's: ten bins of equal width, mean of
        /// the one against mean of the other.
        public var expectedError: Double
        public var meanAbsoluteDifference: Double
    }

    /// One calibration of the first towards the second.
    public struct Map: Sendable, Codable, Equatable {
        /// The calibration's name and settings, as a `calibrated` detector stores them.
        public var settings: OptionValue
        public var after: Distance

        /// The name of the calibration.
        public var method: String {
            guard case .object(let members) = settings, case .string(let name)? = members["method"] else {
                return ""
            }
            return name
        }
    }

    public var fittedTexts: Int
    public var checkedTexts: Int
    public var before: Distance
    public var maps: [Map]
    /// Why methods could not be fitted, by name.
    public var unfitted: [String: String]

    /// - Parameters:
    ///   - first: scores in 0...1.
    ///   - second: as many.
    ///   - methods: the calibrations to try.
    ///   - seed: divides the texts.
    /// - Throws: ``CalibrationError`` for bad scores.
    public init(
        from first: [Double], to second: [Double],
        methods: [any CalibrationMethod.Type] = [PlattScaling.self, IsotonicCalibration.self],
        seed: UInt64 = 1
    ) throws {
        let (fitting, checking) = try CalibrationSample(scores: first, targets: second).halves(seed: seed)
        fittedTexts = fitting.scores.count
        checkedTexts = checking.scores.count
        before = try Self.distance(checking)
        maps = []
        unfitted = [:]
        for method in methods {
            do throws(CalibrationError) {
                let map = try method.fit(fitting)
                let after = checking.mapped(by: [map])
                maps.append(
                    Map(settings: StoredCalibration(map).option, after: (try? Self.distance(after)) ?? before)
                )
            } catch {
                unfitted[method.name] = error.description
            }
        }
    }

    private static func distance(_ sample: CalibrationSample) throws -> Distance {
        Distance(
            expectedError: try expectedCalibrationError(
                confidences: sample.scores, outcomes: sample.targets),
            meanAbsoluteDifference: try RankedPairs(sample.scores, sample.targets).meanAbsoluteDifference())
    }
}
