/// A piece of HTML that cannot be broken by what is put into it.
///
/// Literals are taken as they stand; an interpolated `String` is escaped; interpolated `Markup` is kept. To
/// let a text through unescaped it has to be wrapped in `Markup(trusted:)`, which is easy to search for.
package struct Markup: Sendable, Equatable, ExpressibleByStringInterpolation {
    package var source: String

    package init(trusted source: String) { self.source = source }
    package init(stringLiteral value: String) { source = value }
    package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    package static let empty = Markup(trusted: "")

    package static func + (left: Markup, right: Markup) -> Markup {
        Markup(trusted: left.source + right.source)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        package var source = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity * 2)
        }

        package mutating func appendLiteral(_ literal: String) { source += literal }
        package mutating func appendInterpolation(_ text: String) { source += Self.escaped(text) }
        package mutating func appendInterpolation(_ number: Int) { source += String(number) }
        package mutating func appendInterpolation(_ markup: Markup) { source += markup.source }
        package mutating func appendInterpolation(_ markup: [Markup]) {
            for piece in markup { source += piece.source }
        }
        package mutating func appendInterpolation(_ markup: Markup?) { source += markup?.source ?? "" }

        /// Escapes what HTML would act on, and spells out characters that act on text without being seen:
        /// `⟨U+202E⟩`.
        private static func escaped(_ text: String) -> String {
            var result = ""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": result += "&amp;"
                case "<": result += "&lt;"
                case ">": result += "&gt;"
                case "\"": result += "&quot;"
                case "'": result += "&#39;"
                case "\n", "\t": result.unicodeScalars.append(scalar)
                case _ where scalar.isInvisibleControl: result += "⟨U+" + code(of: scalar) + "⟩"
                default: result.unicodeScalars.append(scalar)
                }
            }
            return result
        }

        private static func code(of scalar: Unicode.Scalar) -> String {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
    }
}

extension Markup {
    /// Text from outside, isolated so that its direction does not spill over its neighbours.
    package static func text(_ text: String) -> Markup { "<bdi dir=\"auto\">\(text)</bdi>" }

    /// A coordinate or percentage for SVG: two decimals, never in exponent form.
    package static func number(_ value: Double) -> Markup {
        let hundredths = Int((value * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        return Markup(
            trusted: rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)")
    }
}

extension [Markup] {
    package func joined(separator: Markup) -> Markup {
        Markup(trusted: map(\.source).joined(separator: separator.source))
    }
}
