import HTTPTypes
import HummingbirdTesting
import NIOCore
import TheriacTesting
import Testing

@testable import TheriacServer

/// Whatever arrives, every route answers, and never with a failure of its own.
@Suite struct RouteFuzzTests {
    private static let bodies: [(path: String, type: String, body: String)] = [
        (
            "/v1alpha1/comments:analyze?fields=attributeScores(TOXICITY/summaryScore),languages",
            "application/json",
            #"{"comment":{"text":"Nice try 🙂. You \u263a \"clown\".","type":"PLAIN_TEXT"},"requestedAttributes":{"TOXICITY@fixed":{"scoreType":"PROBABILITY","scoreThreshold":0.5}},"languages":["en"],"spanAnnotations":true,"context":{"entries":[{"text":"a"}]}}"#
        ),
        (
            "/v1alpha1/comments:suggestscore", "application/json",
            #"{"comment":{"text":"x"},"attributeScores":{"INSULT":{"summaryScore":{"value":1e-3},"spanScores":[{"begin":0,"end":1,"score":{"value":0.5}}]}},"clientToken":"t"}"#
        ),
        (
            "/batch", #"multipart/mixed; boundary="B""#,
            "--B\nContent-ID: <u + 1>\n\nPOST /v1alpha1/comments:analyze?key=K HTTP/1.1\nHost: x\n\n{\"comment\":{\"text\":\"x\"},\"languages\":[\"en\"],\"requestedAttributes\":{\"THREAT\":{}}}\n--B--\n"
        ),
        ("/v1/moderations", "application/json", #"{"input":[{"type":"text","text":"x"}],"model":"fixed"}"#),
        ("/classify", "application/json", #"{"input":["x","y"],"model":"fixed"}"#),
        ("/predict", "application/json", #"{"inputs":[["x"],"y"],"raw_scores":false}"#),
        (
            "/operator/score", "application/json",
            #"{"comment":{"text":"One. Two."},"requestedAttributes":{"TOXICITY":{}},"spanAnnotations":true}"#
        ),
        ("/operator/review", "application/x-www-form-urlencoded", "id=1&status=accepted&token=0"),
        ("/operator/sign-in", "application/x-www-form-urlencoded", "key=%41b+c"),
    ]

    /// One to eight changes: a byte replaced, removed, doubled or swapped with a telling one; a stretch cut or repeated.
    private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        let telling = Array("{}[]\",:\\/-+%<>()=\n\r\0\u{7F}0ue".utf8) + [0xFF, 0xC0, 0x80, 0xED]
        for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = telling.randomElement(using: &random) ?? 0
            case 1: bytes[place] = .random(in: 0...255, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.removeLast(bytes.count - place)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func answersWhateverArrives(seed: UInt64) async throws {
        let rounds = SlowTests.areOn ? 20_000 : 200
        try await ServerFixture().server.application().test(.router) { client in
            var random = SplitMix64(seed: seed)
            for _ in 0..<rounds {
                for entry in Self.bodies {
                    let body = Self.mutated(Array(entry.body.utf8), &random)
                    let type = String(
                        decoding: Self.mutated(Array(entry.type.utf8), &random).filter {
                            $0 >= 0x20 && $0 < 0x7F
                        },
                        as: UTF8.self)
                    let keeps = Bool.random(using: &random)
                    let answer = try await client.executeRequest(
                        uri: entry.path, method: .post, headers: [.contentType: keeps ? entry.type : type],
                        body: ByteBuffer(bytes: body))
                    #expect((200..<500).contains(answer.status.code), "\(entry.path) with seed \(seed)")
                }
            }
        }
    }
}
