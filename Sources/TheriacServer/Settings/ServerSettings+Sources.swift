public import Foundation
public import TheriacOptions

extension ServerSettings {
    /// Reads the settings: defaults, the file over them, the environment over both, and what the command line says last.
    ///
    /// A variable `THERIAC_SERVE_LIMITS__BODY_BYTES` sets `limits.body-bytes`: two underscores part groups, one stands
    /// for a dash.
    ///
    /// - Parameters:
    ///   - file: YAML; nil for none.
    ///   - environment: of the process.
    ///   - flags: values by dotted path, such as `port`.
    /// - Throws: `OptionsError` naming the file or variable and the field; ``ServerSettingsError``.
    public static func load(
        file: URL?, environment: [String: String] = ProcessInfo.processInfo.environment,
        flags: [String: OptionValue] = [:]
    ) throws -> ServerSettings {
        var value = OptionValue.object([:])
        if let file { value = try OptionValue(yamlFile: file) }
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(prefix) {
            let path = name.dropFirst(prefix.count).lowercased().replacing("__", with: ".").replacing(
                "_", with: "-")
            let groups = path.split(separator: ".").map(String.init)
            value = value.merging(nested(groups[...], try OptionValue(flag: text, path: name)))
        }
        for (path, flag) in flags.sorted(by: { $0.key < $1.key }) {
            value = value.merging(nested(path.split(separator: ".").map(String.init)[...], flag))
        }
        var settings = try ServerSettings(value, source: file?.path ?? "the environment and the command line")
        if let folder = file?.deletingLastPathComponent() {
            // Paths in a file start from the file.
            func resolved(_ url: URL?, _ name: String...) -> URL? {
                guard case .string(let text)? = name.reduce(value as OptionValue?, { $0?.member($1) }),
                    !text.hasPrefix("/"), !text.hasPrefix("~")
                else { return url }
                return folder.appendingPathComponent(text).standardizedFileURL
            }
            settings.keys = resolved(settings.keys, "keys")
            settings.store = resolved(settings.store, "store")
            settings.tls.certificate = resolved(settings.tls.certificate, "tls", "certificate")
            settings.tls.key = resolved(settings.tls.key, "tls", "key")
            settings.guard.policy = resolved(settings.guard.policy, "guard", "policy")
            settings.guard.certificateAuthority = resolved(
                settings.guard.certificateAuthority, "guard", "certificate-authority")
            settings.generation.resolve(relativeTo: folder)
        }
        try settings.check()
        return settings
    }

    static let prefix = "THERIAC_SERVE_"

    private static func nested(_ groups: ArraySlice<String>, _ value: OptionValue) -> OptionValue {
        guard let name = groups.first else { return value }
        return .object([name: nested(groups.dropFirst(), value)])
    }
}

extension OptionValue {
    fileprivate func member(_ name: String) -> OptionValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }
}
