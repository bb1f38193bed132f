import Foundation
import Synchronization
import Testing

@testable import TheriacRemote

@Suite struct OrderedWorkTests {
    @Test(arguments: 1...5) func resultsComeInOrderWhateverTheWidth(_ width: Int) throws {
        var results: [Int] = []
        try OrderedWork.run(Array(0..<50), width: width, ahead: 3) { item in
            Thread.sleep(forTimeInterval: Double(item * 7 % 5) / 2000)
            return item * item
        } each: {
            results.append($0)
        }
        #expect(results == (0..<50).map { $0 * $0 })
    }

    @Test func nothingIsBegunFarAhead() throws {
        let begun = Mutex(0)
        var farthest = 0
        try OrderedWork.run(Array(0..<40), width: 2, ahead: 6) { item in
            begun.withLock { $0 = max($0, item + 1) }
            return item
        } each: { item in
            Thread.sleep(forTimeInterval: 0.001)
            farthest = max(farthest, begun.withLock { $0 } - item)
        }
        #expect(farthest <= 7, "begun \(farthest) beyond the one awaited")
    }

    @Test func anErrorEndsTheWork() throws {
        struct Stop: Error {}
        let begun = Mutex(0)
        #expect(throws: Stop.self) {
            try OrderedWork.run(Array(0..<1000), width: 2, ahead: 4) { item in
                begun.withLock { $0 += 1 }
                return item
            } each: {
                if $0 == 3 { throw Stop() }
            }
        }
        Thread.sleep(forTimeInterval: 0.02)
        #expect(begun.withLock { $0 } < 12)
    }

    @Test func noItemsAreNoWork() throws {
        try OrderedWork.run([Int](), width: 4, ahead: 4) {
            $0
        } each: { _ in
            Issue.record("there is none")
        }
    }
}
