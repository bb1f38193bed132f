public import Foundation
public import TheriacCorpora

extension LinearDetector {
    /// Writes this detector with further calibrations folded into its heads: σ(a · z + b) under slope s and
    /// intercept t is σ(s · a · z + s · b + t). Slope and intercept are stored in float32.
    ///
    /// - Parameters:
    ///   - maps: for each attribute, calibrations in the order they are applied.
    ///   - folder: exists; gets `detector.json` and `weights.safetensors`.
    /// - Returns: the identity the copy has.
    public func writeRecalibrated(
        by maps: [Attribute: [any LogitCalibration]], name: String, version: String, to folder: URL
    ) throws -> DetectorIdentity {
        var weights = weights
        for (head, attribute) in attributes.enumerated() {
            for map in maps[attribute] ?? [] {
                weights.calibration[head] = PlattScaling(
                    slope: map.slope * weights.calibration[head].slope,
                    intercept: map.slope * weights.calibration[head].intercept + map.intercept)
            }
        }
        return try LinearDetectorFolder.write(
            weights, name: name, version: version, trainingHash: identity.trainingHash, to: folder)
    }
}
