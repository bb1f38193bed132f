import Foundation
public import TheriacFiles

extension Feedback {
    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    /// Reads one object of the form ``encode(to:)`` writes. Required: `text`, and for a suggestion `suggested`. Number,
    /// hash and review are not taken over: what is read is new and open.
    /// - Throws: ``AuditError/invalid(what:reason:)`` naming the field.
    public init(json value: JSONValue) throws(AuditError) {
        func wrong(_ name: String, _ kind: String) -> AuditError {
            .invalid(what: "feedback", reason: "the field '\(name)' is not \(kind)")
        }
        func word(_ key: CodingKeys) throws(AuditError) -> String? {
            switch value[key.rawValue] {
            case nil, .null?: return nil
            case .string(let text)?: return text
            default: throw wrong(key.rawValue, "a string")
            }
        }
        func choice<Choice: RawRepresentable & CaseIterable>(
            _ key: CodingKeys, _ standard: Choice
        ) throws(AuditError) -> Choice where Choice.RawValue == String {
            guard let name = try word(key) else { return standard }
            guard let choice = Choice(rawValue: name) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong(key.rawValue, "one of \(known)")
            }
            return choice
        }
        func numbers(_ key: CodingKeys) throws(AuditError) -> [String: Double] {
            switch value[key.rawValue] {
            case nil, .null?: return [:]
            case .object(let members)?:
                var result: [String: Double] = [:]
                for (name, member) in members {
                    guard let number = member.double else {
                        throw wrong(key.rawValue, "an object of numbers")
                    }
                    result[name] = number
                }
                return result
            default: throw wrong(key.rawValue, "an object of numbers")
            }
        }
        func words(_ key: CodingKeys) throws(AuditError) -> [String] {
            switch value[key.rawValue] {
            case nil, .null?: return []
            case .array(let elements)?:
                let words = elements.compactMap(\.text)
                guard words.count == elements.count else { throw wrong(key.rawValue, "a list of strings") }
                return words
            default: throw wrong(key.rawValue, "a list of strings")
            }
        }
        guard let text = try word(.text) else { throw wrong(CodingKeys.text.rawValue, "a string") }
        var time = Date()
        if let written = try word(.time) {
            guard let date = Self.date(written) else {
                throw wrong("time", "a date such as 2026-11-22T16:00:00Z")
            }
            time = date
        }
        self.init(
            try choice(.kind, Kind.suggestion), text: text, suggested: try numbers(.suggested), time: time)
        subject = try choice(.subject, Subject.comment)
        context = try words(.context)
        languages = try words(.languages)
        scores = try numbers(.scores)
        reason = try word(.reason)
        detector = try word(.detector)
        detectorHash = try word(.detectorHash)
        community = try word(.community)
        session = try word(.session)
        clientToken = try word(.clientToken)
        try check()
    }
}

extension Feedback: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, kind, time, text, context, languages, suggested, spans, subject, reason, scores, detector
        case community, session, status, reviewer, note
        case textHash = "text_hash"
        case detectorHash = "detector_hash"
        case clientToken = "client_token"
        case keyID = "key_id"
        case reviewedAt = "reviewed_at"
    }

    /// One object with dates as ISO 8601; what is empty is left out.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(time.formatted(.iso8601), forKey: .time)
        try fields.encodeIfPresent(text, forKey: .text)
        try fields.encodeIfPresent(textHash, forKey: .textHash)
        if !context.isEmpty { try fields.encode(context, forKey: .context) }
        if !languages.isEmpty { try fields.encode(languages, forKey: .languages) }
        try fields.encode(suggested, forKey: .suggested)
        if !spans.isEmpty { try fields.encode(spans, forKey: .spans) }
        try fields.encode(subject, forKey: .subject)
        try fields.encodeIfPresent(reason, forKey: .reason)
        if !scores.isEmpty { try fields.encode(scores, forKey: .scores) }
        try fields.encodeIfPresent(detector, forKey: .detector)
        try fields.encodeIfPresent(detectorHash, forKey: .detectorHash)
        try fields.encodeIfPresent(community, forKey: .community)
        try fields.encodeIfPresent(session, forKey: .session)
        try fields.encodeIfPresent(clientToken, forKey: .clientToken)
        try fields.encodeIfPresent(keyID, forKey: .keyID)
        try fields.encode(status, forKey: .status)
        try fields.encodeIfPresent(reviewer, forKey: .reviewer)
        try fields.encodeIfPresent(note, forKey: .note)
        try fields.encodeIfPresent(reviewedAt?.formatted(.iso8601), forKey: .reviewedAt)
    }
}
