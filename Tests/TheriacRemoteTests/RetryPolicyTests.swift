import Foundation
import NIOHTTP1
import Testing

@testable import TheriacRemote

@Suite struct RetryPolicyTests {
    private func policy() -> RetryPolicy {
        var settings = RemoteSettings()
        (settings.firstWait, settings.longestWait) = (1, 10)
        return RetryPolicy(settings)
    }

    @Test func waitsDoubleUpToTheLongestAndVary() {
        let longest = (1...6).map { policy().wait(after: $0, uniform: 1) }
        #expect(longest == [1, 2, 4, 8, 10, 10])
        #expect((1...6).map { policy().wait(after: $0, uniform: 0) } == longest.map { $0 / 2 })
    }

    @Test func onlyWhatMayPassIsTriedAgain() {
        let again = (300...599).filter { RetryPolicy.isTransient(status: $0, headers: [:]) }
        #expect(again == [408, 429] + (500...599).filter { $0 != 501 && $0 != 505 })
        #expect(!RetryPolicy.isTransient(status: 503, headers: ["x-should-retry": "false"]))
        #expect(RetryPolicy.isTransient(status: 409, headers: ["X-Should-Retry": "True"]))
    }

    @Test func theServersWishIsReadInEachForm() {
        let now = Date(timeIntervalSince1970: 1_445_412_460)  // Wed, 21 Oct 2015 07:27:40 GMT
        func wish(_ headers: HTTPHeaders) -> Double? { RetryPolicy.wish(in: headers, now: now) }
        #expect(wish(["Retry-After": "7"]) == 7)
        #expect(wish(["Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"]) == 20)
        #expect(wish(["Retry-After": "Wed, 21 Oct 2015 07:27:00 GMT"]) == 0)
        #expect(wish(["retry-after-ms": "250", "Retry-After": "7"]) == 0.25)
        #expect(wish(["Retry-After": "soon"]) == nil)
        #expect(wish(["Retry-After": "nan"]) == nil)
        #expect(wish([:]) == nil)
    }
}
