internal import TheriacOptions

extension ServerSettings {
    /// Settings that hold from a start to the next: where the server listens and how it takes connections, what it opened,
    /// what it loaded into memory of its own. Groups stand for all in them.
    static let fixed = [
        "host", "port", "tls", "store", "audit.texts", "generation", "log", "limits.connections",
        "limits.header-bytes", "limits.idle-seconds", "limits.transfer-seconds", "limits.shutdown-seconds",
    ]

    /// These settings with those of a running server in the place of all that is fixed.
    ///
    /// - Returns: the settings, and the names of those that differ and wait for a restart.
    func applied(over running: ServerSettings) -> (settings: ServerSettings, waiting: [String]) {
        var settings = self
        settings.host = running.host
        settings.port = running.port
        settings.tls = running.tls
        settings.store = running.store
        settings.audit.texts = running.audit.texts
        settings.generation = running.generation
        settings.log = running.log
        settings.limits.connections = running.limits.connections
        settings.limits.headerBytes = running.limits.headerBytes
        settings.limits.idleSeconds = running.limits.idleSeconds
        settings.limits.transferSeconds = running.limits.transferSeconds
        settings.limits.shutdownSeconds = running.limits.shutdownSeconds
        let waiting = Self.differences(option, running.option, "").filter { name in
            Self.fixed.contains { name == $0 || name.hasPrefix($0 + ".") }
        }
        return (settings, waiting)
    }

    /// Dotted names of what two groups do not agree in, in order.
    private static func differences(_ one: OptionValue, _ other: OptionValue, _ path: String) -> [String] {
        guard case .object(let ours) = one, case .object(let theirs) = other else {
            return one == other ? [] : [path]
        }
        return Set(ours.keys).union(theirs.keys).sorted().flatMap { name in
            differences(
                ours[name] ?? .null, theirs[name] ?? .null, path.isEmpty ? name : "\(path).\(name)")
        }
    }
}
