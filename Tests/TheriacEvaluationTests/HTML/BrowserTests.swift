import Foundation
import Testing

@testable import TheriacEvaluation

extension Tag {
    @Tag static var browser: Self
}

/// Opens the page in a headless browser, as narrow as a phone and as wide as a desk, in light and dark.
@Suite(
    .serialized, .tags(.browser),
    .enabled(if: Browser.program != nil, "No chromium or google-chrome on this machine."))
struct BrowserTests {
    static let windows = [
        (320, 640, false), (375, 812, false), (375, 812, true), (768, 1024, false), (961, 720, false),
        (1280, 900, true),
    ]

    @Test(arguments: windows)
    func fitsTheWindowWithoutErrors(width: Int, height: Int, dark: Bool) throws {
        let (report, samples) = try InventedReport.realistic()
        let browser = try #require(Browser())
        defer { browser.close() }
        let page = try browser.write(HTMLReport.render(report, samples: samples))
        let measured = try browser.measure(page, width: width, height: height, dark: dark)
        #expect(measured.scrollWidth <= width, "the page scrolls sideways")
        #expect(measured.scrollWidthOpen <= width, "the page scrolls sideways with everything unfolded")
        #expect(measured.isDark == dark)
        #expect(measured.errors == [])
        let picture = try browser.screenshot(page, width: width, height: height, dark: dark)
        #expect(try Data(contentsOf: picture).count > 10_000)
    }

    @Test func wouldNoticeAFault() throws {
        let browser = try #require(Browser())
        defer { browser.close() }
        let page = try browser.write(
            """
            <!DOCTYPE html><head><meta http-equiv="Content-Security-Policy" content="img-src 'none'"></head>
            <div style="width:600px">wide</div><img src="x.png"><script>missing()</script>
            """)
        let measured = try browser.measure(page, width: 375, height: 812, dark: false)
        #expect(measured.scrollWidth >= 600)
        #expect(measured.errors.count == 2)
    }

    @Test func printsEverythingButSamples() throws {
        let (report, samples) = try InventedReport.realistic()
        let browser = try #require(Browser())
        defer { browser.close() }
        let page = try browser.write(HTMLReport.render(report, samples: samples))
        let document = try browser.print(page)
        #expect(try Data(contentsOf: document).starts(with: Data("%PDF".utf8)))
    }
}

/// A headless Chromium with a folder of its own for what it reads and writes.
struct Browser {
    static let program = ["chromium", "chromium-browser", "google-chrome"].lazy
        .flatMap { name in ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(name)" } }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    struct Measurement: Decodable {
        var scrollWidth: Int
        var scrollWidthOpen: Int
        var isDark: Bool
        var errors: [String]
    }

    private let program: String
    private let folder: URL

    init?() {
        guard let program = Self.program else { return nil }
        self.program = program
        folder = FileManager.default.temporaryDirectory.appending(path: "theriac-report-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            return nil
        }
    }

    func close() { try? FileManager.default.removeItem(at: folder) }

    func write(_ html: String) throws -> URL {
        let page = folder.appending(path: "report.html")
        try Data(html.utf8).write(to: page)
        return page
    }

    /// Loads the page in a frame of the given width (a headless window has a least width, a frame has none)
    /// and reads off how wide its content is.
    func measure(_ page: URL, width: Int, height: Int, dark: Bool) throws -> Measurement {
        let html = try String(contentsOf: page, encoding: .utf8)
        let probe = """
            <script>
            window.failures = [];
            addEventListener('error', function (e) { failures.push(String(e.message)); });
            addEventListener('securitypolicyviolation', function (e) { failures.push(e.violatedDirective); });
            </script>
            """
        try Data(html.replacing("<head>", with: "<head>" + probe, maxReplacements: 1).utf8)
            .write(to: folder.appending(path: "probed.html"))
        let wrapper = """
            <!DOCTYPE html><iframe id="f" src="probed.html" width="\(width)" height="\(height)"
            style="border:0"></iframe>
            <pre id="out"></pre><script>
            document.getElementById('f').onload = function () {
              var page = this.contentDocument, root = page.documentElement, result = {};
              result.scrollWidth = root.scrollWidth;
              page.querySelectorAll('details').forEach(function (fold) { fold.open = true; });
              result.scrollWidthOpen = root.scrollWidth;
              result.isDark = this.contentWindow.matchMedia('(prefers-color-scheme:dark)').matches;
              result.errors = this.contentWindow.failures;
              document.getElementById('out').textContent = JSON.stringify(result);
            };
            </script>
            """
        let file = folder.appending(path: "wrapper.html")
        try Data(wrapper.utf8).write(to: file)
        let dump = try run(
            dark: dark,
            ["--allow-file-access-from-files", "--virtual-time-budget=4000", "--dump-dom", file.path])
        let match = try #require(dump.firstMatch(of: /<pre id="out">([^<]+)<\/pre>/), "the page did not load")
        let json = String(match.1).replacing("&amp;", with: "&").replacing("&quot;", with: "\"")
        return try JSONDecoder().decode(Measurement.self, from: Data(json.utf8))
    }

    func screenshot(_ page: URL, width: Int, height: Int, dark: Bool) throws -> URL {
        let picture = folder.appending(path: "\(width)-\(dark ? "dark" : "light").png")
        try run(dark: dark, ["--window-size=\(width),\(height)", "--screenshot=\(picture.path)", page.path])
        return picture
    }

    func print(_ page: URL) throws -> URL {
        let document = folder.appending(path: "report.pdf")
        try run(dark: false, ["--no-pdf-header-footer", "--print-to-pdf=\(document.path)", page.path])
        return document
    }

    @discardableResult
    private func run(dark: Bool, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments =
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--user-data-dir=\(folder.path)/profile",
            ]
            + (dark
                ? ["--blink-settings=preferredColorScheme=0"] : ["--blink-settings=preferredColorScheme=1"])
            + arguments
        let output = folder.appending(path: "output-\(UUID().uuidString)")
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
}
