import Testing

@testable import TheriacRemote

@Suite struct RemoteAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000/v1#gpt2", "http://127.0.0.1:8000/v1", "gpt2"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1", ""),
        ("HTTPS://Example.org:443/v1#org/name#x", "https://example.org/v1", "org/name#x"),
        ("http://h:80/v1/completions#m", "http://h/v1", "m"),
        ("http://h/api/v1/chat/completions", "http://h/api/v1", ""),
        ("http://h", "http://h", ""),
        ("http://[::1]:9/v1#m", "http://[::1]:9/v1", "m"),
    ])
    func addressesAreReadToOneForm(_ text: String, _ server: String, _ model: String) throws {
        let address = try RemoteAddress(text)
        #expect(address.server == server)
        #expect(address.model == model)
    }

    @Test(arguments: [
        "http://user:secret@h/v1#m", "http://secret@h/v1", "http://h/v1?key=secret#m", "ftp://secret/v1",
        "http:///secret", "http://secret host/v1", "secret",
    ])
    func whatMayHoldAKeyIsRefusedAndNotRepeated(_ text: String) throws {
        let failure = try #require(throws: RemoteFailure.self) { try RemoteAddress(text) }
        #expect(!failure.description.contains("secret"))
    }

    @Test func theModelMayStandBeside() throws {
        #expect(try RemoteAddress("http://h/v1", model: "m").model == "m")
        #expect(try RemoteAddress("http://h/v1#m", model: "m").model == "m")
        #expect(throws: RemoteFailure.self) { try RemoteAddress("http://h/v1#m", model: "other") }
    }

    /// printf 'http://h/v1#m' | sha256sum
    @Test func theHashIsOfAddressAndName() throws {
        #expect(
            try RemoteAddress("http://H/v1/#m").hash
                == "48c1bb78483fa4764d878f8c48d0f5ac67919ad3e3ed49b05179f35f78dfbe54")
        #expect(try RemoteAddress("http://h/v1#n").hash != RemoteAddress("http://h/v1#m").hash)
    }

    @Test func foldersAreNoAddresses() {
        #expect(!RemoteAddress.isAddress("http"))
        #expect(!RemoteAddress.isAddress("models/http://x"))
        #expect(RemoteAddress.isAddress("Http://x"))
    }
}
