internal import Foundation
internal import Theriac
internal import TheriacCorpora
internal import TheriacDetection

/// What `theriac score` prints, gathered as bytes: formatting must not take longer than scoring.
struct ScoreLines {
    private let attributes: [Attribute]
    private let json: Bool
    /// Attributes by the order of their names, each as `"name":`.
    private let keys: [(attribute: Attribute, text: [UInt8])]
    private var bytes: [UInt8] = []
    private let encoder = JSONEncoder()
    private static let piece = 1 << 16

    /// - Parameter spans: rows end in the places of spans.
    init(attributes: [Attribute], json: Bool, spans: Bool = false) {
        self.attributes = attributes
        self.json = json
        keys = attributes.sorted { $0.rawValue < $1.rawValue }.map { ($0, Array("\"\($0.rawValue)\":".utf8)) }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        bytes.reserveCapacity(Self.piece + 4096)
        if !json {
            append("id\t" + attributes.map(\.rawValue).joined(separator: "\t") + (spans ? "\tspans\n" : "\n"))
        }
    }

    /// Adds a line, and prints what has gathered when that is enough for one write.
    mutating func write(_ line: Scoring.Line) throws {
        if json { try appendObject(line) } else { appendRow(line) }
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= Self.piece { try flush() }
    }

    /// Adds a line of other text.
    mutating func write(_ text: String) throws { append(text + "\n") }

    mutating func flush() throws {
        try FileHandle.standardOutput.write(contentsOf: Data(bytes))
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func appendRow(_ line: Scoring.Line) {
        append(line.id)
        switch line.verdict {
        case .scored(let scores):
            for attribute in attributes {
                bytes.append(UInt8(ascii: "\t"))
                if let score = scores[attribute] { bytes.appendFixed(score) } else { append("–") }
            }
            if line.spans != nil { append("\t" + SpanHighlight.places(line)) }
        case .unscored(let reason): append("\tunscored: \(reason)")
        }
    }

    /// The same bytes as `JSONEncoder` with sorted keys, which takes rare lines itself.
    private mutating func appendObject(_ line: Scoring.Line) throws {
        guard case .scored(let scores) = line.verdict, scores.count == keys.count, line.spans == nil,
            Self.isPlain(line.id), Self.isPlain(line.detector), scores.values.allSatisfy(\.isFinite)
        else {
            bytes.append(contentsOf: try encoder.encode(line))
            return
        }
        append("{\"attributes\":{")
        for (place, key) in keys.enumerated() {
            guard let score = scores[key.attribute] else { continue }
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: key.text)
            var number = score.description
            if number.hasSuffix(".0") { number.removeLast(2) }
            append(number)
        }
        append("},\"detector\":\"")
        append(line.detector)
        append("\",\"id\":\"")
        append(line.id)
        append("\"}")
    }

    /// Whether a text stands in JSON as it is.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
    }
}

extension [UInt8] {
    /// Appends `value` with three decimals, the same digits as `printf("%.3f")`: a float times 1000 is exact in
    /// double, so rounding to even there is rounding the true value.
    mutating func appendFixed(_ value: Float) {
        let scaled = (Double(value) * 1000).rounded(.toNearestOrEven)
        guard scaled >= 0, scaled < 1e9, value.sign == .plus else {
            append(contentsOf: String(format: "%.3f", value).utf8)
            return
        }
        let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: 1000)
        if whole < 10 {
            append(UInt8(ascii: "0") + UInt8(whole))
        } else {
            append(contentsOf: String(whole).utf8)
        }
        append(UInt8(ascii: "."))
        for digit in [rest / 100, rest / 10 % 10, rest % 10] { append(UInt8(ascii: "0") + UInt8(digit)) }
    }
}
