internal import TheriacCorpora
internal import TheriacDetection
internal import TheriacGeneration
internal import TheriacOptions

/// What a reviewer needs of a detector: one number a text, and how it fails.
struct ContinuationScorer {
    let detector: any Detector
    let attribute: Attribute

    /// - Throws: ``DetectionError`` when the detector does not know the attribute.
    init(_ reference: String, _ attribute: Attribute, _ context: MethodContext) throws {
        detector = try context.detector(reference)
        self.attribute = attribute
        guard detector.attributes.contains(attribute) else {
            throw ReviewError.unknownAttribute(
                attribute.rawValue, detector: detector.identity.description,
                known: detector.attributes.map(\.rawValue))
        }
    }

    init(_ detector: any Detector, _ attribute: Attribute = .toxicity) {
        self.detector = detector
        self.attribute = attribute
    }

    /// The attribute's probability. A text of blanks has nothing to object to and counts as 0; a text the detector
    /// cannot score counts as 1, for nothing vouches for it.
    func scores(_ texts: [String]) throws -> [Float] {
        try zip(texts, detector.verdicts(for: texts)).map { text, verdict in
            switch verdict {
            case .scored(let scores): scores[attribute] ?? 1
            case .unscored: text.allSatisfy(\.isWhitespace) ? 0 : 1
            }
        }
    }
}

public enum ReviewError: Error, Equatable, CustomStringConvertible {
    case unknownAttribute(String, detector: String, known: [String])

    public var description: String {
        switch self {
        case .unknownAttribute(let name, let detector, let known):
            "\(detector) does not score '\(name)'; it knows \(known.joined(separator: ", "))."
        }
    }
}
