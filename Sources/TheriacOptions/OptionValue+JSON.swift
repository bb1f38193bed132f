public import Foundation

extension OptionValue {
    /// Reads JSON. `source` names it in errors.
    public init(json: Data, source: String) throws(OptionsError) {
        do {
            self = try JSONDecoder().decode(OptionValue.self, from: json)
        } catch {
            throw .syntax(source: source, reason: "not valid JSON\(Self.place(in: json))")
        }
    }

    /// Reads a JSON file.
    public init(jsonFile url: URL) throws(OptionsError) {
        try self.init(json: try Self.contents(of: url), source: url.path)
    }

    /// This value as JSON with sorted keys, one key a line.
    public var jsonData: Data {
        get throws(OptionsError) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            do {
                return try encoder.encode(self)
            } catch {
                throw .refused(
                    path: "the settings", reason: "a number is not finite, which JSON cannot express")
            }
        }
    }

    static func contents(of url: URL) throws(OptionsError) -> Data {
        do {
            return try Data(contentsOf: url)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw .unreadable(source: url.path, reason: "there is no such file")
        } catch {
            throw .unreadable(source: url.path, reason: "the system refused (\((error as NSError).code))")
        }
    }

    /// " near line 3, column 5" or ", it ends too early": where the system's other JSON reader stops, because
    /// `JSONDecoder` does not say. Nothing when that one is content.
    private static func place(in json: Data) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
            return ""
        } catch {
            let message = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? ""
            if message.contains("end of file") { return ", it ends too early" }
            guard let match = message.firstMatch(of: /around character (\d+)/), let offset = Int(match.1)
            else {
                return ""
            }
            let before = json.prefix(offset).split(separator: 0x0A, omittingEmptySubsequences: false)
            return " near line \(before.count), column \((before.last?.count ?? 0) + 1)"
        }
    }
}
