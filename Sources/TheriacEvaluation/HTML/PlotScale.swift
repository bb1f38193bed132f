import Foundation

/// A linear axis: a round range around the data and round ticks in it.
package struct PlotScale {
    package let range: ClosedRange<Double>
    package let step: Double

    /// From zero to a round number above the largest value.
    package init(fromZeroTo largest: Double) {
        step = Self.roundStep(max(largest, 1e-9) / 5.2)
        range = 0...(max(largest, 1e-9) / step).rounded(.up) * step
    }

    /// Around the values with some air; does not start at zero.
    package init(around values: [Double]) {
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        let air = max((high - low) * 0.14, high * 0.02, 1e-9)
        step = Self.roundStep((high - low + 2 * air) / 4)
        range = (max(0, low - air))...(high + air)
    }

    package var ticks: [Double] {
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        let last = (range.upperBound / step + 1e-9).rounded(.down)
        return first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
    }

    /// Decimals that tell ticks apart.
    package var decimals: Int { max(0, Int((-log10(step)).rounded(.up))) }

    /// 0 at the lower end of the range, 1 at the upper.
    package func position(of value: Double) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    private static func roundStep(_ rough: Double) -> Double {
        let power = pow(10, log10(rough).rounded(.down))
        let step = [1, 2, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10
        return step * power
    }
}
