import Foundation
import Synchronization
import Testing

extension Tag {
    @Tag static var browser: Self
}

/// A headless Chromium that is told what to do over a pipe (the DevTools protocol), so that windows have any width, and
/// errors and requests are seen as the browser sees them.
final class PageBrowser {
    static let program = ["chromium", "chromium-browser", "google-chrome"].lazy
        .flatMap { name in ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(name)" } }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    enum Failure: Error { case start, timeout(String), refused(String) }

    private let folder: URL
    private let process = Process()
    private let toBrowser: Int32
    private let fromBrowser: Int32
    private var buffer: [UInt8] = []
    private var serial = 0
    private var session = ""
    /// What the page complained of: errors of scripts, of the console, of the content policy.
    private(set) var complaints: [String] = []
    /// Addresses the page asked for.
    private(set) var requests: [String] = []

    init() throws {
        guard let program = Self.program else { throw Failure.start }
        folder = FileManager.default.temporaryDirectory.appending(path: "theriac-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (input, output) = (folder.path + "/in", folder.path + "/out")
        guard mkfifo(input, 0o600) == 0, mkfifo(output, 0o600) == 0 else { throw Failure.start }
        // Open for both, so that neither opening waits for the other side.
        toBrowser = Foundation.open(input, O_RDWR | O_CLOEXEC)
        fromBrowser = Foundation.open(output, O_RDWR | O_CLOEXEC)
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            exec "$0" --headless=new --no-sandbox --disable-gpu --no-first-run --disable-extensions \
            --disable-background-networking --disable-component-update --disable-sync --remote-debugging-pipe \
            --user-data-dir="$1/profile" about:blank 3<"$1/in" 4>"$1/out"
            """, program, folder.path,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let targets = try send("Target.getTargets")["targetInfos"] as? [[String: Any]] ?? []
        guard let page = targets.first(where: { $0["type"] as? String == "page" })?["targetId"] else {
            throw Failure.start
        }
        session =
            try send("Target.attachToTarget", ["targetId": page, "flatten": true])["sessionId"] as? String
            ?? ""
        for domain in ["Page", "Runtime", "Network", "Log"] { try send("\(domain).enable") }
    }

    func close() {
        process.terminate()
        process.waitUntilExit()
        Foundation.close(toBrowser)
        Foundation.close(fromBrowser)
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: What one does with a page

    func resize(width: Int, height: Int, dark: Bool) throws {
        try send(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
        try send(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]]])
    }

    func open(_ address: String) throws {
        try send("Page.navigate", ["url": address])
        try wait("document.readyState === 'complete' && location.href !== 'about:blank'")
    }

    /// The value of an expression in the page.
    @discardableResult
    func evaluate(_ expression: String) throws -> Any? {
        let answer = try send(
            "Runtime.evaluate",
            ["expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true])
        if let details = answer["exceptionDetails"] { throw Failure.refused("\(details)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until an expression is true, ten seconds at most.
    func wait(_ expression: String) throws {
        for _ in 0..<100 {
            if (try? evaluate(expression)) as? Bool == true { return }
            usleep(100_000)
        }
        throw Failure.timeout(expression)
    }

    /// As from the keyboard.
    func type(_ text: String) throws { try send("Input.insertText", ["text": text]) }

    func press(_ key: String, code: Int) throws {
        for kind in ["keyDown", "keyUp"] {
            var event: [String: Any] = ["type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code]
            if key == "Enter" { event["text"] = "\r" }
            try send("Input.dispatchKeyEvent", event)
        }
    }

    /// - Parameter full: the whole page, not only the window.
    func screenshot(full: Bool = false) throws -> Data {
        let answer = try send("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": full])
        return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
    }

    /// Role and name of everything the browser tells assistive technology about.
    func accessibleNodes() throws -> [(role: String, name: String)] {
        let nodes = try send("Accessibility.getFullAXTree")["nodes"] as? [[String: Any]] ?? []
        return nodes.filter { $0["ignored"] as? Bool != true }.map { node in
            func text(_ name: String) -> String { (node[name] as? [String: Any])?["value"] as? String ?? "" }
            return (text("role"), text("name"))
        }
    }

    // MARK: The pipe

    @discardableResult
    private func send(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        serial += 1
        var message: [String: Any] = ["id": serial, "method": method, "params": parameters]
        if !session.isEmpty { message["sessionId"] = session }
        let bytes = Array(try JSONSerialization.data(withJSONObject: message)) + [0]
        guard write(toBrowser, bytes, bytes.count) == bytes.count else { throw Failure.start }
        let wanted = serial
        while true {
            let heard = try hear()
            guard heard["id"] as? Int == wanted else {
                note(heard)
                continue
            }
            if let error = heard["error"] as? [String: Any] { throw Failure.refused("\(method): \(error)") }
            return heard["result"] as? [String: Any] ?? [:]
        }
    }

    private func hear() throws -> [String: Any] {
        while true {
            if let end = buffer.firstIndex(of: 0) {
                let message = Data(buffer[..<end])
                buffer.removeFirst(end + 1)
                return (try JSONSerialization.jsonObject(with: message)) as? [String: Any] ?? [:]
            }
            var waiting = pollfd(fd: fromBrowser, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 30_000) > 0 else { throw Failure.timeout("the browser") }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(fromBrowser, &part, part.count)
            guard count > 0 else { throw Failure.start }
            buffer += part[..<count]
        }
    }

    private func note(_ event: [String: Any]) {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Network.requestWillBeSent":
            requests.append((parameters["request"] as? [String: Any])?["url"] as? String ?? "")
        case "Runtime.exceptionThrown": complaints.append("\(parameters)")
        case "Log.entryAdded":
            complaints.append((parameters["entry"] as? [String: Any])?["text"] as? String ?? "")
        case "Runtime.consoleAPICalled" where parameters["type"] as? String == "error":
            complaints.append("\(parameters)")
        default: break
        }
    }
}
