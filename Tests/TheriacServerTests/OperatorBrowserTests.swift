import Foundation
import Hummingbird
import HummingbirdTesting
import TheriacAudit
import TheriacCorpora
import TheriacDetection
import TheriacTesting
import Testing

@testable import TheriacServer

/// The operator's page in a browser, as narrow as a phone and as wide as a desk, in light and dark.
///
/// THERIAC_SCREENSHOTS names a folder that keeps the pictures.
@Suite(
    .serialized, .tags(.browser),
    .enabled(if: PageBrowser.program != nil, "No chromium or google-chrome on this machine."))
struct OperatorBrowserTests {
    /// A server with a busy day behind it, asked by `body` on a thread of its own.
    private func withServer(_ body: @escaping @Sendable (PageBrowser, String) throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let store = try AuditStore(at: folder.file("store.sqlite"))
        try InventedDay.fill(store)
        var settings = ServerSettings()
        settings.port = 0
        settings.audit.decisions = .all
        settings.moderation.thresholds = ["violence": 0.7]
        let fixture = try ServerFixture(
            settings, detectors: [InventedDay.detector, FixedDetector(name: "second")], store: store)
        InventedDay.fill(fixture.server.services.metrics.history)
        try await fixture.server.application().test(.live) { client in
            let port = try #require(client.port)
            try await onOwnThread {
                let browser = try PageBrowser()
                defer { browser.close() }
                try body(browser, "http://127.0.0.1:\(port)")
            }
        }
        try store.close()
    }

    /// Pixels by which the page is wider than its window, less a scroll bar.
    private static let overflow =
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"

    private static func keep(_ picture: Data, _ name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["THERIAC_SCREENSHOTS"] else { return }
        try picture.write(to: URL(filePath: folder).appending(path: name + ".png"))
    }

    @Test func fitsPhoneAndDeskInLightAndDark() async throws {
        try await withServer { browser, base in
            for (width, height, device) in [(390, 844, "phone"), (1280, 800, "desk"), (320, 640, "small")] {
                for dark in [false, true] {
                    try browser.resize(width: width, height: height, dark: dark)
                    try browser.open("\(base)/?range=6h")
                    let name = "\(device)-\(dark ? "dark" : "light")"
                    let isDark = try browser.evaluate("matchMedia('(prefers-color-scheme:dark)').matches")
                    #expect(isDark as? Bool == dark)
                    let content = try browser.evaluate(Self.overflow) as? Int
                    #expect(content == 0, "\(name) scrolls sideways")
                    let window = try browser.screenshot()
                    #expect(window.count > 10_000, "\(name) is empty")
                    try Self.keep(window, name)
                    try Self.keep(try browser.screenshot(full: true), name + "-full")
                    // With everything unfolded nothing spills over either.
                    try browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                    let open = try browser.evaluate(Self.overflow) as? Int
                    #expect(open == 0, "\(name) scrolls sideways when unfolded")
                }
            }
            #expect(browser.complaints == [])
            #expect(!browser.requests.isEmpty)
            let elsewhere = browser.requests.filter { !$0.hasPrefix(base) && !$0.hasPrefix("data:") }
            #expect(elsewhere.filter { $0 != "about:blank" } == [])
        }
    }

    /// Words stand out from their ground by 4.5 to 1 at least, in both palettes.
    @Test func canBeRead() async throws {
        let probe = """
            (function () {
              function channel(c) { c /= 255; return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4); }
              function parts(text) { return (text.match(/[\\d.]+/g) || []).map(Number); }
              function light(p) { return 0.2126 * channel(p[0]) + 0.7152 * channel(p[1]) + 0.0722 * channel(p[2]); }
              function ground(node) {
                for (; node; node = node.parentElement) {
                  var p = parts(getComputedStyle(node).backgroundColor);
                  if (p.length === 3 || p[3] > 0) { return p; }
                }
                return [255, 255, 255];
              }
              var bad = [];
              document.querySelectorAll('body *').forEach(function (node) {
                var own = Array.from(node.childNodes).some(n => n.nodeType === 3 && n.data.trim());
                if (!own || !node.checkVisibility() || node.closest('svg, .hidden, .skip, script')) { return; }
                var a = light(parts(getComputedStyle(node).color)), b = light(ground(node));
                var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) { bad.push(node.className + ' "' + node.textContent.slice(0, 20) + '" ' + ratio.toFixed(2)); }
              });
              return bad.join('; ');
            })()
            """
        try await withServer { browser, base in
            for dark in [false, true] {
                try browser.resize(width: 1280, height: 800, dark: dark)
                try browser.open(base)
                #expect(try browser.evaluate(probe) as? String == "")
            }
        }
    }

    @Test func tellsAssistiveTechnologyWhatThereIs() async throws {
        try await withServer { browser, base in
            try browser.resize(width: 1280, height: 800, dark: false)
            try browser.open(base)
            let nodes = try browser.accessibleNodes()
            for role in ["banner", "main", "contentinfo", "navigation"] {
                #expect(nodes.contains { $0.role == role }, "there is no \(role)")
            }
            // Everything one can use or look at has a name.
            let named = [
                "textbox", "button", "combobox", "checkbox", "link", "image", "region", "table", "navigation",
            ]
            for node in nodes where named.contains(node.role) {
                #expect(!node.name.isEmpty, "a \(node.role) has no name")
            }
            #expect(nodes.filter { $0.role == "heading" }.count >= 9)
            let levels = try browser.evaluate(
                "Array.from(document.querySelectorAll('h1,h2,h3')).map(h => h.tagName[1]).join('')")
            #expect((levels as? String)?.hasPrefix("12") == true)
            #expect(try browser.evaluate("document.documentElement.lang") as? String == "en")
        }
    }

    /// With the keyboard alone: a text is scored while it is typed, and its sentences are marked.
    @Test func scoresWhileOneTypes() async throws {
        try await withServer { browser, base in
            for (width, device) in [(390, "phone"), (1280, "desk")] {
                try browser.resize(width: width, height: 844, dark: false)
                try browser.open(base)
                try browser.evaluate("document.getElementById('score-text').focus()")
                try browser.type("Nice try 🙂. You are a clown. <b>Off</b> with you.")
                try browser.wait("document.querySelectorAll('#score-sentences mark').length === 3")
                let marks = try browser.evaluate(
                    "Array.from(document.querySelectorAll('#score-sentences mark')).map(m => m.firstChild.data).join('|')"
                )
                #expect(marks as? String == "Nice try 🙂.|You are a clown.|<b>Off</b> with you.")
                #expect(
                    try browser.evaluate("document.querySelectorAll('#score-sentences b').length") as? Int
                        == 0)
                let status = try browser.evaluate("document.getElementById('score-status').textContent")
                #expect((status as? String)?.contains("is highest") == true)
                try Self.keep(try browser.screenshot(), "scored-\(device)")
                try browser.evaluate("document.getElementById('score-text').value = '  '")
                try browser.evaluate("document.getElementById('score-form').requestSubmit()")
                try browser.wait("document.getElementById('score-table').hidden")
            }
            #expect(browser.complaints == [])
        }
    }

    /// A decision is stored, the list goes on, and the focus stays where work is.
    @Test func reviewsWithoutLeavingThePage() async throws {
        try await withServer { browser, base in
            try browser.resize(width: 1280, height: 800, dark: false)
            try browser.open(base)
            let before = try #require(
                try browser.evaluate("document.querySelectorAll('.item').length") as? Int)
            let first =
                try browser.evaluate("document.querySelector('.item input[name=id]').value") as? String
            try browser.evaluate("document.querySelector('.item .accepted').focus()")
            try browser.press("Enter", code: 13)
            try browser.wait("document.querySelectorAll('.item').length === \(before - 1)")
            let next = try browser.evaluate("document.querySelector('.item input[name=id]').value") as? String
            #expect(first != next)
            #expect(try browser.evaluate("document.activeElement.className") as? String == "accepted")
            let said = try browser.evaluate("document.getElementById('review-status').textContent")
            #expect((said as? String)?.hasPrefix("Accepted.") == true)
            // And without the script, as a form.
            try browser.evaluate(
                """
                (function () {
                  var form = document.querySelector('.item form'), status = document.createElement('input');
                  status.name = 'status';
                  status.value = 'rejected';
                  form.append(status);
                  HTMLFormElement.prototype.submit.call(form);
                })()
                """)
            try browser.wait(
                "location.search.startsWith('?reviewed=') && document.querySelectorAll('.item').length === \(before - 2)"
            )
            #expect(browser.complaints == [])
        }
    }
}
