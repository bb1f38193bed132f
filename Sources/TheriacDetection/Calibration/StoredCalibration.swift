public import TheriacOptions

/// A calibration as a file holds it: the map's settings, and its name as `method`.
public struct StoredCalibration: OptionReadable {
    public let map: any CalibrationMap

    public init(_ map: any CalibrationMap) { self.map = map }

    public static func read(
        _ value: OptionValue, path: String, source: String
    ) throws(OptionsError) -> StoredCalibration {
        var fields = try OptionFields(value, path: path, source: source)
        let name = try fields.require("method", as: String.self)
        guard let type = Calibrations.maps.first(where: { $0.name == name }) else {
            let names = Calibrations.maps.map { $0.name }
            throw .unknownChoice(
                path: fields.pathOf("method"), found: name, choices: names,
                suggestion: nearestName(to: name, among: names))
        }
        let map = try type.make(&fields)
        try fields.finish()
        return StoredCalibration(map)
    }

    public var option: OptionValue {
        guard case .object(var members) = map.option else { return map.option }
        members["method"] = .string(type(of: map).name)
        return .object(members)
    }
}

extension CalibrationMap {
    fileprivate static func make(_ fields: inout OptionFields) throws(OptionsError) -> Self {
        var map = Self()
        try map.read(&fields)
        return map
    }
}
