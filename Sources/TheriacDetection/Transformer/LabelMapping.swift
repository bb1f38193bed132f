import Foundation
import TheriacCorpora
import TheriacOptions

/// How a classifier's labels become attributes.
struct LabelMapping: Equatable {
    /// What turns logits into probabilities.
    enum Output: String, OptionReadable, CaseIterable {
        /// Each label for itself.
        case sigmoid
        /// One of all labels; an attribute has the sum of its labels.
        case softmax
        /// The logit is the score already; cut to 0...1.
        case none
    }

    /// In the order of the logits; empty for a label that is not scored.
    var attributes: [[Attribute]]
    var output: Output

    /// The mapping file beside `config.json`.
    static let file = "theriac-labels.yaml"

    /// Those that have a label, in the usual order.
    var scored: [Attribute] {
        let named = Set(attributes.joined())
        return Attribute.allCases.filter(named.contains)
    }

    /// The probability of each label.
    func probabilities(_ logits: [Float]) -> [Float] {
        switch output {
        case .sigmoid: return logits.map { Float(1 / (1 + exp(-Double($0)))) }
        case .none: return logits.map { min(1, max(0, $0)) }
        case .softmax:
            let highest = Double(logits.max() ?? 0)
            let powers = logits.map { exp(Double($0) - highest) }
            let total = powers.reduce(0, +)
            return powers.map { Float($0 / total) }
        }
    }

    /// Scores of attributes from those of labels: the sum where labels exclude each other, else the highest.
    func scores(_ probabilities: [Float]) -> AttributeScores {
        var scores: AttributeScores = [:]
        for (names, probability) in zip(attributes, probabilities) {
            for name in names {
                let old = scores[name] ?? 0
                scores[name] = output == .softmax ? min(1, old + probability) : max(old, probability)
            }
        }
        return scores
    }
}

extension LabelMapping {
    /// The mapping of a classifier folder: from its ``file``, else from what its labels are called.
    ///
    /// - Parameter output: what the checkpoint's configuration says.
    /// - Throws: ``DetectionError/unknownLabels(_:folder:)`` for labels such as `LABEL_0` without a mapping.
    init(labels: [String], output: Output, folder: URL) throws {
        let url = folder.appending(path: Self.file)
        if FileManager.default.fileExists(atPath: url.path) {
            let given = try LabelMappingFile(OptionValue(yamlFile: url), source: url.path)
            try self.init(labels: labels, output: given.output ?? output, given: given, file: url.path)
            return
        }
        let found = labels.map(LabelVocabulary.attributes(of:))
        self.init(
            attributes: found.map { $0 ?? [] },
            output: LabelVocabulary.isMultiLabel(labels) ? .sigmoid : output)
        guard found.contains(where: { $0?.isEmpty == false }) else {
            throw DetectionError.unknownLabels(labels, folder: folder.path)
        }
    }

    private init(labels: [String], output: Output, given: LabelMappingFile, file: String) throws {
        if let stray = given.labels.keys.sorted().first(where: { !labels.contains($0) }) {
            throw DetectionError.labelMapping(
                file: file,
                reason: "the classifier has no label '\(stray)'; it has \(labels.joined(separator: ", "))")
        }
        self.init(attributes: labels.map { given.labels[$0] ?? [] }, output: output)
        guard attributes.contains(where: { !$0.isEmpty }) else {
            throw DetectionError.labelMapping(file: file, reason: "it maps no label to an attribute")
        }
    }
}

/// `theriac-labels.yaml`: `labels: { LABEL_1: toxicity }`, and perhaps `output: sigmoid`.
struct LabelMappingFile: Options {
    /// By the classifier's label: an attribute or several.
    var labels: [String: [Attribute]] = [:]
    var output: LabelMapping.Output?

    mutating func read(_ fields: inout OptionFields) throws(OptionsError) {
        let given: [String: OptionValue] = try fields.require("labels")
        for (label, value) in given {
            let path = "\(fields.pathOf("labels")).\(label)"
            var names: [String] = []
            if case .list = value {
                names = try [String].read(value, path: path, source: fields.source)
            } else {
                names = [try String.read(value, path: path, source: fields.source)]
            }
            var attributes: [Attribute] = []
            for name in names { attributes.append(try Attribute.named(name, path: path)) }
            labels[label] = attributes
        }
        try fields.read("output", into: &output)
    }
}
