internal import Foundation
internal import HTTPTypes

extension Route {
    /// What Prometheus reads.
    static let metrics = Route(name: "metrics", method: .get, paths: ["/metrics"], dialect: .google) {
        request, scope in
        try scope.admit(request, counts: false)
        let wantsOpen = request.headers[.accept]?.contains("application/openmetrics-text") ?? false
        var output = Exposition(openMetrics: wantsOpen)
        scope.services.metrics.write(to: &output, catalog: scope.catalog)
        scope.services.generation?.metrics.write(to: &output)
        ProcessFigures.write(to: &output, started: scope.services.started)
        output.finish()
        return ServerResponse(contentType: output.contentType, body: Array(output.text.utf8))
    }
}

/// The figures of this process, by the names every exporter uses.
private enum ProcessFigures {
    static func write(to output: inout Exposition, started: Date) {
        output.begin("process_start_time_seconds", "gauge", "When the process began, since 1970.")
        output.sample("process_start_time_seconds", "", started.timeIntervalSince1970)
        // Fields behind the name, which may hold blanks: utime is the 12th, stime the 13th, rss the 22nd.
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let behindName = stat.lastIndex(of: ")")
        else { return }
        let fields = stat[behindName...].split(separator: " ").dropFirst().map(String.init)
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let pages = Int(fields[21])
        else { return }
        output.begin("process_cpu_seconds", "counter", "Processor time used.")
        output.sample("process_cpu_seconds_total", "", (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
        output.begin("process_resident_memory_bytes", "gauge", "Memory in use.")
        output.sample("process_resident_memory_bytes", "", pages * Int(sysconf(Int32(_SC_PAGESIZE))))
        guard let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count else {
            return
        }
        output.begin("process_open_fds", "gauge", "Open files and connections.")
        output.sample("process_open_fds", "", open)
    }
}
